/** Why a copy cannot be handed to S3 Batch Operations. */
export class BatchError extends Error {
  override readonly name = 'BatchError';
  readonly code: 'batch-refused' | 'batch-keys';
  readonly help: string;

  constructor(code: BatchError['code'], message: string, help: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.help = help;
  }
}
