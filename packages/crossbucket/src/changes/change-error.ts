/** Why documents could not be changed; more may join in minor releases. */
export type ChangeErrorCode =
  /** A document is no longer as the plan found it. */
  | 'changed-since-plan'
  /** AWS does not know a principal that a statement of ours names. */
  | 'unknown-principal'
  /** AWS refuses a document because of a principal that is gone in somebody else's statement. */
  | 'stale-principal'
  /** AWS refuses the document for another reason. */
  | 'document-refused'
  /** What AWS gives back is not what was written. */
  | 'not-as-written'
  /** Somebody else kept on writing the document. */
  | 'contended'
  | 'invalid-plan'
  | 'invalid-backup';

/** A change that was not made, or not as planned: which account and document. */
export class ChangeError extends Error {
  override readonly name = 'ChangeError';
  readonly code: ChangeErrorCode;
  readonly help: string;
  readonly account: string | undefined;
  readonly document: string | undefined;

  constructor(
    code: ChangeErrorCode,
    message: string,
    help: string,
    { account, document, cause }: { account?: string; document?: string; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.help = help;
    this.account = account;
    this.document = document;
  }
}
