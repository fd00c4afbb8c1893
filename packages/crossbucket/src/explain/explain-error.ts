/** Why there is no answer; more may join in minor releases. */
export type ExplainErrorCode =
  /** The question is not one: an unknown action, a malformed ARN, a target that is no bucket. */
  | 'bad-question'
  /** A message, event or error object that tells of no denial. */
  | 'bad-evidence'
  /** A name that the configuration does not have. */
  | 'unknown-name';

/** A question that has no answer: what is wrong with it, and what to ask instead. */
export class ExplainError extends Error {
  override readonly name = 'ExplainError';
  readonly code: ExplainErrorCode;
  readonly help: string;

  constructor(code: ExplainErrorCode, message: string, help: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.help = help;
  }
}
