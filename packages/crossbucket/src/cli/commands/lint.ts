import { InvalidArgumentError, Option, type Command } from 'commander';
import type { PolicyKind } from '@crossbucket/policy';
import type { LintedFile, LintSummary } from '../../lint-files.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { readInput } from '../read-input.ts';
import { printable, type Terminal } from '../terminal.ts';
import { readVersion } from '../version.ts';

const KINDS: readonly PolicyKind[] = [
  'identity',
  'boundary',
  'session',
  'bucket',
  'access-point',
  'key',
  'trust',
  'scp',
  'rcp',
  'vpc-endpoint',
];

interface Options {
  kind?: PolicyKind;
  account?: string;
  profile?: string[];
  json?: boolean;
  format: 'text' | 'json' | 'sarif';
}

export function addLint(program: Command, { terminal, finish }: CommandContext): void {
  program
    .command('lint')
    .description('find what is wrong or unwise in policy documents')
    .argument(
      '<file...>',
      'JSON files, `-` for standard input; s3://BUCKET or the ARN of a user or role for what is there now',
    )
    .addOption(
      new Option('--kind <kind>', 'where the documents are attached; without it, guessed from each').choices(
        KINDS,
      ),
    )
    .option('--account <id>', 'account that the documents belong to; others are third parties', readAccount)
    .option(
      '--profile <name>',
      'profile to read a bucket, user or role with',
      (value: string, before: string[] = []) => [...before, value],
    )
    .option('--json', 'print the problems as JSON')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json', 'sarif']).default('text'),
    )
    .addHelpText('after', '\nExample:\n  $ crossbucket lint bucket-policy.json --kind bucket\n')
    .addHelpText('after', 'Exit code 1 where there is an error or a warning; notes alone are no reason.')
    .action(async (files: string[], options: Options) => {
      finish(await lint(files, options, terminal));
    });
}

async function lint(files: string[], options: Options, terminal: Terminal) {
  const { lintFile, summarize, toSarif } = await import('../../lint-files.ts');
  const linted: LintedFile[] = [];
  for (const file of files) {
    if (/^(s3:\/\/|arn:)/.test(file)) {
      const { liveDocuments } = await import('../../explain/live-documents.ts');
      for (const { name, kind, account, text } of await liveDocuments(file, options.profile))
        linted.push(lintFile(name, text, { kind, account }));
      continue;
    }
    linted.push(lintFile(file === '-' ? '<stdin>' : file, await readInput(file), options));
  }
  const summary = summarize(linted);
  const format = options.json ? 'json' : options.format;
  if (format === 'json') terminal.out.write(`${JSON.stringify({ ...summary, files: linted })}\n`);
  else if (format === 'sarif')
    terminal.out.write(`${JSON.stringify(toSarif(linted, readVersion()), null, 2)}\n`);
  else terminal.out.write(asText(linted, summary, terminal));
  return summary.error + summary.warning > 0 ? EXIT.no : EXIT.done;
}

function readAccount(text: string): string {
  if (/^\d{12}$/.test(text)) return text;
  throw new InvalidArgumentError('an account id has 12 digits.');
}

function asText(files: readonly LintedFile[], summary: LintSummary, { style }: Terminal): string {
  const lines = files.flatMap(({ file, problems }) =>
    problems.flatMap(({ line, column, severity, code, message, help }) => {
      const paint = severity === 'error' ? style.red : severity === 'warning' ? style.bold : style.dim;
      return [
        printable(`${file}:${line}:${column}`) + ` ${paint(severity)} ${code}: ${printable(message)}`,
        `  ${style.dim('help')}: ${printable(help)}`,
      ];
    }),
  );
  return `${[...lines, counted(files.length, summary)].join('\n')}\n`;
}

function counted(files: number, { error, warning, note }: LintSummary): string {
  const of = (count: number, name: string) => `${count} ${name}${count === 1 ? '' : 's'}`;
  return `${of(error, 'error')}, ${of(warning, 'warning')} and ${of(note, 'note')} in ${of(files, 'file')}`;
}
