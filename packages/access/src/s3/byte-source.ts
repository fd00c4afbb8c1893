/**
 * Takes bytes in order; a promise says when it can take more. A chunk is the sink's own only until it has returned or
 * its promise is resolved. Its errors are `AccessError`s.
 */
export type Sink = (chunk: Buffer) => Promise<void> | undefined;

/** The body of an answer, to be read once. */
export interface ByteSource {
  /** Gives exactly `wanted` bytes to the sink, and hangs up on what is more. */
  pour(wanted: number, sink: Sink): Promise<void>;
  /** Nobody wants it. */
  close(): void;
}
