/** Why a grant cannot be planned, verified or undone as asked. */
export type GrantErrorCode =
  | 'unknown-grant'
  | 'cannot-plan'
  | 'missing-side'
  | 'not-applied'
  | 'invalid-plan'
  | 'ambiguous-grant'
  | 'external-id-unknown';

export class GrantError extends Error {
  override readonly name = 'GrantError';
  readonly code: GrantErrorCode;
  readonly help: string;

  constructor(code: GrantErrorCode, message: string, help: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.help = help;
  }
}
