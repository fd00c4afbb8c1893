/** No answer came, or not all of it. Asking again may help. */
export class ConnectionError extends Error {
  /** As the SDK names it. */
  override readonly name: string;
  readonly code: string | undefined;
  /** The connection had served a request before: it may have been closed for its age just when this one was sent. */
  readonly stale: boolean;
  constructor(name: string, message: string, code: string | undefined, stale: boolean, cause?: unknown) {
    super(message, { cause });
    this.name = name;
    this.code = code;
    this.stale = stale;
  }
}
