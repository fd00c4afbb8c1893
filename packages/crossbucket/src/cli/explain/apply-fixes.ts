import { randomBytes } from 'node:crypto';
import type { ExplainOptions } from '../../explain/question/question.ts';
import type { Explanation, Fix } from '../../explain/explanation.ts';
import { confirm } from '../confirm.ts';
import { UsageError } from '../errors.ts';
import type { Terminal } from '../terminal.ts';

/** As many causes as there may be one behind another. */
const MOST_ROUNDS = 8;

/** Asks, changes one document after the other as the first fix says, each time with a fresh answer, until the call is allowed. */
export async function applyFixes(
  explanation: Explanation,
  ask: () => Promise<Explanation>,
  { yes }: { yes?: boolean },
  sources: ExplainOptions,
  terminal: Terminal,
): Promise<Explanation> {
  let now = explanation;
  const done = new Set<string>();
  for (let round = 0; round < MOST_ROUNDS && now.outcome !== 'allow'; round++) {
    const fix = applicable(now);
    if (fix === undefined || done.has(JSON.stringify(fix.edit))) break;
    terminal.err.write(`account ${fix.account}, ${fix.document.name}: ${fix.summary}\n${fix.patch!.diff}\n`);
    if (fix.also !== '') terminal.err.write(`This also allows: ${fix.also}\n`);
    if (!(await confirm('Change it?', { yes }, terminal))) break;
    await apply(fix, sources, terminal);
    done.add(JSON.stringify(fix.edit));
    now = await ask();
  }
  if (now.outcome !== 'allow' && done.size === 0)
    terminal.err.write('No fix was made: none of them changes a document that `--apply` can write.\n');
  return now;
}

/** What `changes/` writes. */
const WRITABLE = new Set(['bucket-policy', 'key-policy', 'trust-policy', 'inline-policy', 'managed-policy']);

function applicable({ causes }: Explanation): Fix | undefined {
  for (const { fixes } of causes) {
    const fix = fixes.find(({ edit }) => edit?.on === 'document' && WRITABLE.has(edit.place.kind));
    if (fix) return fix;
  }
  return undefined;
}

async function apply(fix: Fix, sources: ExplainOptions, { err }: Terminal): Promise<void> {
  const { edit } = fix;
  if (edit?.on !== 'document') return;
  const [
    { applyChanges, awsDocuments, awsPrincipalsOf, backupFile, requireUnmoved, writeBackup },
    { openSources },
  ] = await Promise.all([import('../../changes/index.ts'), import('../../explain/collect/sources.ts')]);
  const { connections } = await openSources(sources);
  const ranked = connections.toSorted(
    (a, b) => Number(b.caller.endsWith(':root')) - Number(a.caller.endsWith(':root')),
  );
  const connection = ranked.find(({ id }) => id === fix.account);
  if (connection === undefined)
    throw new UsageError(
      `there is no profile of account ${fix.account} to change it with`,
      'name one with --profile, or send the fix to who has it (--fix FILE)',
    );
  const documents = awsDocuments(new Map([[connection.id, connection]]));
  const change = {
    document: edit.place as Parameters<typeof documents.read>[0],
    before: edit.before === null ? null : JSON.stringify(edit.before),
    after: edit.after === null ? null : JSON.stringify(edit.after),
  };
  await requireUnmoved([change], documents);
  const at = new Date();
  const backup = backupFile(process.cwd(), at, randomBytes(4).toString('hex'));
  await writeBackup(backup, [change], at);
  err.write(`The document as it was is in ${backup}.\n`);
  const knownPrincipals = new Set(edit.after === null ? [] : awsPrincipalsOf(edit.after));
  const report = await applyChanges([change], { documents, knownPrincipals, pace: { secondLook: 0 } });
  if (report.error) throw report.error;
  err.write(`account ${fix.account}: the ${fix.document.name} is changed.\n`);
}
