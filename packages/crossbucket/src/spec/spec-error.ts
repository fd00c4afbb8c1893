/** A `crossbucket.yaml` that cannot be used: the message begins with `FILE:LINE:COLUMN`. */
export class SpecError extends Error {
  override readonly name = 'SpecError';
  readonly code = 'invalid-spec';
  readonly help: string;
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(
    message: string,
    help: string,
    { line, column, cause }: { line?: number | undefined; column?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.help = help;
    this.line = line;
    this.column = column;
  }
}
