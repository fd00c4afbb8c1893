/** Why `init` wrote nothing. */
export class InitError extends Error {
  override readonly name = 'InitError';
  readonly code: 'missing-answer' | 'one-account' | 'no-such-bucket' | 'file-exists';
  readonly help: string;

  constructor(code: InitError['code'], message: string, help: string) {
    super(message);
    this.code = code;
    this.help = help;
  }
}
