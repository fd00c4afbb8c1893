import { EXIT, type ExitCode } from './exit-codes.ts';
import { printable, type Terminal } from './terminal.ts';
import { Interrupted } from './transfer/interrupt.ts';

/** Misuse of the command: what was wrong, and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'Usage';
  readonly help: string;

  constructor(message: string, help: string, options?: { cause?: unknown }) {
    super(message, options);
    this.help = help;
  }
}

/** Errors of our packages that are the user's input's fault; every other is the world's. */
const INPUT_ERRORS = new Set([
  'Usage',
  'InvalidConfig',
  'InvalidState',
  'InvalidAccountId',
  'invalid-option',
  'invalid-spec',
  'unknown-profile',
  'wrong-account',
  'bad-question',
  'bad-evidence',
  'unknown-name',
  'cannot-plan',
  'missing-side',
  'missing-answer',
  'one-account',
  'no-such-bucket',
  'not-your-bucket',
  'cannot-set-up',
  'file-exists',
  'invalid-plan',
  'invalid-backup',
  'invalid-source',
  'invalid-filter',
  'invalid-sql',
  'unknown-grant',
  'overlap',
  'empty-source',
  'ambiguous-grant',
  'external-id-unknown',
]);

/** Prints an error as one line and, where there is one, a line of help. Returns the exit code. */
export function reportError(error: unknown, { err, style }: Terminal): ExitCode {
  if (error instanceof Interrupted) return EXIT.interrupted;
  const { code, help, message } = readError(error);
  err.write(`${style.red('error')}: ${message}\n`);
  if (help !== undefined) err.write(`${style.bold('help')}: ${help}\n`);
  if (help === undefined && code === undefined && process.env['CROSSBUCKET_DEBUG'])
    err.write(`${(error as Error).stack}\n`);
  return code !== undefined && INPUT_ERRORS.has(code) ? EXIT.usage : EXIT.outside;
}

function readError(error: unknown): { code?: string; help?: string; message: string } {
  if (!(error instanceof Error)) return { message: printable(String(error)) };
  const { code, help } = error as { code?: unknown; help?: unknown };
  return {
    message: printable(error.message),
    ...(typeof code === 'string' && { code }),
    ...(typeof help === 'string' && { help: printable(help) }),
  };
}
