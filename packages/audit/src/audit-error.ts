/** What can go wrong; more may join in minor releases. */
export type AuditErrorCode =
  /** Input that the user can mend. */
  | 'invalid-source'
  | 'invalid-filter'
  | 'invalid-sql'
  | 'no-records'
  | 'unknown-grant'
  /** The world's fault. */
  | 'source-failed'
  | 'engine-failed';

export class AuditError extends Error {
  override readonly name = 'AuditError';
  readonly code: AuditErrorCode;
  readonly help: string;

  constructor(code: AuditErrorCode, message: string, help: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.help = help;
  }
}
