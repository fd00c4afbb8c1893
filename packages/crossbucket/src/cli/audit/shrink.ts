import { readFileSync } from 'node:fs';
import type { Replay } from '@crossbucket/audit';
import { authorizeCall } from '@crossbucket/policy';
import { diffStatements } from '../../changes/statement-diff.ts';
import { diffOfLines } from '../../explain/core/diff.ts';
import { chooseGrants } from '../../grant/index.ts';
import { readSpec, SPEC_FILE, type GrantSpec, type Spec } from '../../spec/index.ts';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { jsonLine, type Terminal } from '../terminal.ts';
import { editGrant } from './edit-grant.ts';
import { documentOf, worldOfGrant, type GrantWorld } from './grant-world.ts';
import type { GrantsOptions } from './grants.ts';
import { isProved, isSame, type DeniedUse, type DocumentDiff, type ShrinkReport } from './shrink-report.ts';
import { replaceFile } from './replace-file.ts';
import { openAudit, type OpenAudit } from './open-audit.ts';
import { auditedGrant, useOfGrant } from './use-of-grant.ts';
import { shrinkText } from './shrink-view.ts';

export interface ShrinkOptions extends GrantsOptions {
  days?: number;
  write?: boolean;
}

/** Fewer days than these say little about what is needed. */
const DAYS = 14;

/** The least grant that covers what was used, as a diff, proved by deciding every allowed call once more. */
export async function shrink(name: string, options: ShrinkOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.source === 'lookup')
    throw new UsageError(
      'LookupEvents knows of no access to objects, and all of the grant would seem unused',
      'name what a trail has delivered: `--source s3://BUCKET/PREFIX`',
    );
  const file = options.config ?? SPEC_FILE;
  const spec = await readSpec(file);
  const grant = chooseGrants(spec, [name])[0]!;
  const open = await openAudit(options, terminal);
  try {
    const { report, smaller } = await shrunk(spec, grant, open, options.days ?? DAYS);
    if (open.isDry) return EXIT.done;
    const text = smaller === undefined ? undefined : readFileSync(file, 'utf8');
    const edited = text === undefined || isSame(report) ? text : editGrant(text, smaller!);
    const isChanged = edited !== undefined && edited !== text;
    if (isChanged) report.diff = diffOfLines(text!.split('\n'), edited.split('\n'));
    if (isChanged && options.write === true && isProved(report)) {
      replaceFile(file, edited);
      report.written = true;
    }
    if (options.json || options.format === 'json') terminal.out.write(jsonLine(report));
    else terminal.out.write(shrinkText(report, file, terminal.style));
    return report.written || (isProved(report) && isSame(report)) ? EXIT.done : EXIT.no;
  } finally {
    await open.close();
  }
}

async function shrunk(
  spec: Spec,
  grant: GrantSpec,
  open: OpenAudit,
  wanted: number,
): Promise<{ report: ShrinkReport; smaller: GrantSpec | undefined }> {
  const audited = auditedGrant(spec, grant);
  const { audit, engine, filters } = open;
  const use = await useOfGrant(spec, grant, open);
  const { sql, parameters } = audit.spanQuestion(filters);
  const [span = {}] = (await engine.ask(sql, parameters)).rows;
  const first = typeof span['first_time'] === 'string' ? span['first_time'] : null;
  const last = typeof span['last_time'] === 'string' ? span['last_time'] : null;
  const { access, principals, removed, kept } = audit.shrinkGrant(audited, use, { firstRecord: first });
  const report: ShrinkReport = {
    grant: grant.name,
    observed: {
      days: Number(span['days'] ?? 0),
      wanted,
      first,
      last,
      calls: use.calls,
      incomplete: incompleteFiles(open),
      limitedBy: limitsOf(open),
    },
    access: access as GrantSpec['access'] | undefined,
    principals: principals.map((arn) => arn.split(':').at(-1)!),
    removed,
    absent: use.absent,
    ...(kept !== undefined && { kept }),
    diff: '',
    diffs: [],
    replay: { allowed: 0, denied: [], unclear: [] },
    written: false,
  };
  if (access === undefined || (audited.principals.length > 0 && principals.length === 0))
    return { report: { ...report, access: undefined }, smaller: undefined };
  const smaller: GrantSpec = {
    ...grant,
    access: access as GrantSpec['access'],
    ...(report.principals.length > 0 && { principals: report.principals }),
  };
  const [before, after] = [worldOfGrant(spec, grant), worldOfGrant(spec, smaller)];
  const rows = use.rows.map(({ row }) => row);
  const came = use.principals.map(({ arn }) => arn);
  report.diffs = diffsOf(before, after);
  report.replay = proof(
    audit.replay(unconditional(spec, smaller).world, rows),
    audit.replay(unconditional(spec, grant).world, rows),
    assumptions(
      unconditional(spec, smaller),
      came.filter((arn) => principals.includes(arn)),
    ),
  );
  return { report, smaller };
}

const INCOMPLETE: ReadonlySet<string> = new Set(['broken', 'cut', 'not-json']);

function incompleteFiles({ records: { summary } }: OpenAudit): number {
  return 'problems' in summary ? summary.problems.filter(({ kind }) => INCOMPLETE.has(kind)).length : 0;
}

const limitsOf = ({ filters }: OpenAudit): string[] =>
  (['principal', 'account', 'action'] as const)
    .filter((name) => filters[name] !== undefined)
    .map((name) => `--${name}`);

/** A grant's conditions stay as they are, and so need no proof: what no record tells of them would be in its way. */
function unconditional(spec: Spec, { conditions: _conditions, ...grant }: GrantSpec): GrantWorld {
  return worldOfGrant(spec, grant);
}

function proof(after: Replay, before: Replay, refused: DeniedUse[]): ShrinkReport['replay'] {
  const already = new Set(before.denied.map(({ row }) => row));
  return {
    allowed: after.allowed,
    denied: [
      ...after.denied.map(({ row, reason }) => ({
        ...row,
        reason,
        ...(already.has(row) && { already: true }),
      })),
      ...refused,
    ],
    unclear: after.unclear.map(({ row, reason }) => ({ ...row, reason })),
  };
}

/** Whoever came by the role must be able to assume it still. */
function assumptions({ world, role }: GrantWorld, arns: readonly string[]): DeniedUse[] {
  if (role === undefined) return [];
  return arns.flatMap((arn) => {
    const principal = arn.replace(
      /^arn:([^:]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/,
      'arn:$1:sts::$2:assumed-role/$3/proof',
    );
    const input = { RoleArn: role, RoleSessionName: 'proof' };
    const { outcome, reason } = authorizeCall(world, {
      service: 'sts',
      operation: 'AssumeRole',
      input,
      principal,
    });
    return outcome === 'allow' ? [] : [{ action: 'AssumeRole', caller: arn, reason }];
  });
}

function diffsOf({ documents: before }: GrantWorld, { documents: after }: GrantWorld): DocumentDiff[] {
  return [
    { document: "role's policy", diffs: diffStatements(before.rolePolicy ?? null, after.rolePolicy ?? null) },
    { document: 'trust policy', diffs: diffStatements(documentOf(before.trust), documentOf(after.trust)) },
    { document: 'bucket policy', diffs: diffStatements(documentOf(before.bucket), documentOf(after.bucket)) },
  ].filter(({ diffs }) => diffs.length > 0);
}
