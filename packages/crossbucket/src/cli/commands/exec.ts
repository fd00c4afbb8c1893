import type { Command } from 'commander';
import type { CommandContext } from '../main.ts';
import { addAccessOptions } from '../transfer/access-options.ts';
import type { ExecFlags } from '../transfer/exec-command.ts';

export function addExec(program: Command, { finish }: CommandContext): void {
  const command = program
    .command('exec')
    .description('run a program with the session in its environment')
    .argument('<command...>', 'the program and its arguments, after `--`')
    .option('--serve', 'serve it the credentials on loopback, renewed for as long as it runs');
  addAccessOptions(command);
  command
    .addHelpText(
      'after',
      `
Example:
  $ crossbucket exec --grant reports-reader --serve -- aws s3 ls s3://acme-reports

It ends with the exit code of the program.`,
    )
    .action(async (words: string[], flags: ExecFlags) => {
      const { runExec } = await import('../transfer/exec-command.ts');
      finish(await runExec(words, flags));
    });
}
