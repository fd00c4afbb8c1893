/** Why a trail cannot be set up; more may join in minor releases. */
export type TrailErrorCode = 'cannot-set-up' | 'no-such-bucket' | 'not-your-bucket';

export class TrailError extends Error {
  override readonly name = 'TrailError';
  readonly code: TrailErrorCode;
  readonly help: string;

  constructor(code: TrailErrorCode, message: string, help: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.help = help;
  }
}
