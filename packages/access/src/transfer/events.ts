/** What a transfer tells while it goes on. Paths are as given, objects as `s3://bucket/key`. */
export type TransferEvent =
  | { type: 'started'; action: TransferAction; from: string; to: string; size: number | undefined }
  /** More bytes of one transfer have arrived at their end. */
  | { type: 'moved'; to: string; bytes: number }
  /** Bytes that an earlier process had moved. */
  | { type: 'resumed'; to: string; bytes: number }
  /** A part that has arrived, with how many requests it took. */
  | { type: 'finished'; action: TransferAction; from: string; to: string; size: number }
  /** By a dry run, in place of the rest. */
  | { type: 'planned'; action: TransferAction | 'delete'; from?: string; to: string; size?: number }
  | { type: 'unchanged'; to: string }
  | { type: 'deleted'; to: string }
  | { type: 'skipped'; from: string; reason: string }
  | { type: 'failed'; action: TransferAction | 'delete' | 'list'; from?: string; to: string; error: Error };

/** Is told what happens. Where it returns a promise, no further object is begun before that has resolved. */
export type TransferListener = (event: TransferEvent) => unknown;

export type TransferAction = 'download' | 'upload' | 'copy';
