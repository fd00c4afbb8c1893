import { Command, CommanderError } from 'commander';
import { addCat } from './commands/cat.ts';
import { addCp } from './commands/cp.ts';
import { addCredentials } from './commands/credentials.ts';
import { addExec } from './commands/exec.ts';
import { addLs } from './commands/ls.ts';
import { addPresign } from './commands/presign.ts';
import { addRm } from './commands/rm.ts';
import { addSync } from './commands/sync.ts';
import { addAudit } from './commands/audit.ts';
import { addDemo } from './commands/demo.ts';
import { addEvaluate } from './commands/evaluate.ts';
import { addExplain } from './commands/explain.ts';
import { addGrant } from './commands/grant.ts';
import { addInit } from './commands/init.ts';
import { addLint } from './commands/lint.ts';
import { addPermissions } from './commands/permissions.ts';
import { addSandbox } from './commands/sandbox.ts';
import { addWho } from './commands/who.ts';
import { reportError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { readVersion } from './version.ts';

/** What each command's action gives: its exit code. Modules that a command needs are loaded by its action. */
export type Action = (terminal: Terminal, ...parameters: never[]) => Promise<ExitCode>;

/** Runs the command line. Returns the exit code; never throws and never ends the process. */
export async function run(argv: readonly string[], terminal: Terminal = openTerminal()): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done;
  const program = createProgram(terminal, (code) => {
    exit = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return reportError(error, terminal);
  }
}

export function createProgram(terminal: Terminal, finish: (code: ExitCode) => void): Command {
  const program = new Command('crossbucket')
    .description('Cross-account access to S3 buckets: try it, use it, see why it is denied.')
    .version(readVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.out.write(text),
      writeErr: (text) => void terminal.err.write(text),
      outputError: (text, write) => write(helped(text)),
    })
    .showSuggestionAfterError(true);
  const context = { terminal, finish };
  addDemo(program, context);
  addInit(program, context);
  addGrant(program, context);
  addExplain(program, context);
  addWho(program, context);
  addLint(program, context);
  addEvaluate(program, context);
  for (const add of [addLs, addCat, addCp, addSync, addRm, addPresign, addExec, addCredentials])
    add(program, context);
  addAudit(program, context);
  addPermissions(program, context);
  addSandbox(program, context);
  return program;
}

/** What a command needs to be added: where it prints, and whom it tells its exit code. */
export interface CommandContext {
  terminal: Terminal;
  finish(code: ExitCode): void;
}

/** Commander's own errors, with the line that says what to do. */
function helped(text: string): string {
  const line = text.trim().replace(/\n\(/, ' (');
  return `${line}\nhelp: \`crossbucket --help\` lists the commands, \`crossbucket COMMAND --help\` its options\n`;
}
