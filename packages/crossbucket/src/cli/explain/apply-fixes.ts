import { randomBytes } from 'node:crypto';
import type { PolicyDocument } from '@crossbucket/policy';
import type { Change } from '../../changes/index.ts';
import type { Explanation, Fix } from '../../explain/explanation.ts';
import { changeOf } from '../../explain/fixes/change-of.ts';
import type { ExplainOptions } from '../../explain/question/question.ts';
import { confirm } from '../confirm.ts';
import { UsageError } from '../errors.ts';
import { printable, type Terminal } from '../terminal.ts';

/** As many causes as there may be one behind another. */
const MOST_ROUNDS = 8;

export interface ApplyFlags {
  yes?: boolean;
  /** Which fix of the first cause, from 1. */
  pick?: number;
}

/**
 * Asks, makes the first fix of one cause after the other, each time with a fresh answer, until the call is allowed. A
 * wider fix is never made in place of a narrower one that no machine can make, unless it was picked.
 */
export async function applyFixes(
  explanation: Explanation,
  ask: () => Promise<Explanation>,
  flags: ApplyFlags,
  sources: ExplainOptions,
  terminal: Terminal,
): Promise<Explanation> {
  const { err } = terminal;
  let now = explanation;
  const done = new Set<string>();
  const told = new Set<string>();
  for (let round = 0; round < MOST_ROUNDS && now.outcome !== 'allow'; round++) {
    const next = makeable(now, round === 0 ? flags.pick : undefined, (text) => {
      if (!told.has(text)) err.write(`${printable(text)}\n`);
      told.add(text);
    });
    if (next === undefined || done.has(JSON.stringify(next.fix.edit))) break;
    const { fix, change } = next;
    err.write(`account ${fix.account}, ${printable(fix.document.name)}: ${printable(fix.summary)}\n`);
    err.write(`${fix.patch!.diff.split('\n').map(printable).join('\n')}\n`);
    if (fix.also !== '') err.write(`This also allows: ${printable(fix.also)}\n`);
    if (change.document.kind === 'scp' || change.document.kind === 'rcp')
      err.write('It binds every account that it is attached to, or to a unit above.\n');
    if (!(await confirm('Change it?', flags, terminal))) break;
    await apply(fix, change, sources, terminal);
    done.add(JSON.stringify(fix.edit));
    now = await ask();
  }
  if (now.outcome !== 'allow' && done.size === 0) err.write('Nothing was changed.\n');
  return now;
}

/** The first fix that can be made here, of the first cause that has one; of the others, why not. */
function makeable(
  { causes }: Explanation,
  pick: number | undefined,
  tell: (text: string) => void,
): { fix: Fix; change: Change } | undefined {
  if (pick !== undefined && causes[0]?.fixes[pick - 1] === undefined)
    throw new UsageError(
      `there is no fix ${pick}: ${causes[0]?.code ?? 'nothing'} has ${causes[0]?.fixes.length ?? 0}`,
      'count the fixes of the first cause as they are printed, from 1',
    );
  for (const [index, { code, fixes }] of causes.entries()) {
    const fix = fixes[index === 0 && pick !== undefined ? pick - 1 : 0];
    if (fix === undefined) continue;
    const made = changeOf(fix);
    if ('change' in made) return { fix, change: made.change };
    const wider = fixes.findIndex((one) => 'change' in changeOf(one));
    const hint =
      index === 0 && wider >= 0 ? ` (fix ${wider + 1} can, and is wider: \`--pick ${wider + 1}\`)` : '';
    tell(`${code}: \`--apply\` does not make this fix: ${made.because}${hint}`);
  }
  return undefined;
}

async function apply(fix: Fix, change: Change, sources: ExplainOptions, { err }: Terminal): Promise<void> {
  const [
    {
      applyChanges,
      awsDocuments,
      awsPrincipalsOf,
      backupFile,
      isSetting,
      nameOf,
      requireUnmoved,
      writeBackup,
    },
    { openSources },
  ] = await Promise.all([import('../../changes/index.ts'), import('../../explain/collect/sources.ts')]);
  const { account } = change.document;
  const { connections } = await openSources(sources);
  const ranked = connections.toSorted(
    (a, b) => Number(b.caller.endsWith(':root')) - Number(a.caller.endsWith(':root')),
  );
  const connection = ranked.find(({ id }) => id === account);
  if (connection === undefined)
    throw new UsageError(
      `there is no profile of account ${account} to change the ${nameOf(change.document)} with`,
      'name one with --profile, or send the fix to who has it (--fix FILE)',
    );
  const documents = awsDocuments(new Map([[connection.id, connection]]));
  await requireUnmoved([change], documents);
  const at = new Date();
  const backup = backupFile(process.cwd(), at, randomBytes(4).toString('hex'));
  await writeBackup(backup, [change], at);
  err.write(`As it was, it is in ${backup}.\n`);
  const isPolicy = change.after !== null && !isSetting(change.document);
  const named = isPolicy ? awsPrincipalsOf(JSON.parse(change.after!) as PolicyDocument) : [];
  const pace = { secondLook: 0 };
  const report = await applyChanges([change], { documents, knownPrincipals: new Set(named), pace });
  if (report.error) throw report.error;
  err.write(`account ${account}: the ${printable(fix.document.name)} is changed.\n`);
}
