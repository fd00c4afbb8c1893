import { existsSync, writeFileSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

export interface ExportOptions {
  data?: string;
  endpoint?: string;
  token?: string;
  objects?: boolean;
  mask?: boolean;
  out?: string;
}

/** `crossbucket sandbox export`: of a folder that no sandbox runs on, or of one that runs. */
export async function exportState(options: ExportOptions, terminal: Terminal): Promise<ExitCode> {
  const { data, endpoint, token, objects = false, mask = false } = options;
  if ((data === undefined) === (endpoint === undefined))
    throw new UsageError(
      'it is not said whose state is wanted',
      'name a folder with `--data DIR`, or a running sandbox with `--endpoint URL --token TOKEN`',
    );
  const text =
    data === undefined
      ? await fetchState(endpoint!, token, { objects, mask })
      : await readFolder(data, { objects, mask });
  write(text, options.out, terminal);
  return EXIT.done;
}

async function readFolder(data: string, options: { objects: boolean; mask: boolean }): Promise<string> {
  const { exportFolder } = await import('@crossbucket/sandbox');
  return exportFolder(data, options);
}

async function fetchState(
  endpoint: string,
  token: string | undefined,
  options: { objects: boolean; mask: boolean },
): Promise<string> {
  if (token === undefined)
    throw new UsageError(
      'a running sandbox gives its state for its control token',
      'add `--token TOKEN`, which the sandbox prints when it starts',
    );
  const query = Object.entries(options).flatMap(([name, wanted]) => (wanted ? name : []));
  const answer = await fetch(`${endpoint.replace(/\/$/, '')}/_crossbucket/state?${query.join('&')}`, {
    headers: { 'x-crossbucket-token': token },
  }).catch((cause: unknown) => {
    throw new Error(`cannot reach \`${endpoint}\``, { cause });
  });
  const text = await answer.text();
  if (answer.ok) return text;
  throw new Error(`the sandbox at \`${endpoint}\` answered ${answer.status}: ${text.trim()}`);
}

export interface ImportOptions {
  fromProfile: string[];
  mask?: boolean;
  out?: string;
  json?: boolean;
}

/** `crossbucket sandbox import --from-profile NAME`: real accounts, as a state that a sandbox can begin with. */
export async function importAccounts(options: ImportOptions, terminal: Terminal): Promise<ExitCode> {
  const { formatState } = await import('@crossbucket/sandbox');
  const { readAccounts } = await import('../../replay/read-accounts.ts');
  const { stateOfWorld } = await import('../../replay/state-of-world.ts');
  const world = await readAccounts(options.fromProfile);
  const unknown = Object.values(world.accounts).flatMap(({ id, unknown: facts = [] }) =>
    facts.map(({ what, why }) => `${id}: ${what} (${why})`),
  );
  for (const fact of unknown) terminal.err.write(`not read: ${fact}\n`);
  write(await formatState(stateOfWorld(world), { mask: options.mask === true }), options.out, terminal);
  return unknown.length > 0 ? EXIT.partly : EXIT.done;
}

/** A state holds secrets: it is for its owner alone. */
function write(text: string, file: string | undefined, { out, err }: Terminal): void {
  if (file === undefined) {
    out.write(text);
    return;
  }
  if (existsSync(file))
    throw new UsageError(`the file \`${file}\` is there already`, 'name another, or remove it first');
  writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  err.write(`written to ${file}\n`);
}
