import type { Replay, ShrunkGrant } from '@crossbucket/audit';
import type { PolicyDocument, World } from '@crossbucket/policy';
import { diffStatements } from '../../changes/statement-diff.ts';
import {
  chooseGrants,
  documentsFor,
  factsOf,
  type GrantDocuments,
  type GrantFacts,
} from '../../grant/index.ts';
import { readSpec, SPEC_FILE, type GrantSpec, type Spec } from '../../spec/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { diffLines } from '../grant/plan-view.ts';
import { printable, type Terminal } from '../terminal.ts';
import { auditedGrant, type GrantsOptions } from './grants.ts';
import { openAudit } from './open-audit.ts';

export interface ShrinkOptions extends GrantsOptions {
  days?: number;
}

/** Fewer days than these say little about what is needed. */
const DAYS = 14;

/** The least grant that covers what was used, as a diff, proved by deciding every allowed call once more. */
export async function shrink(name: string, options: ShrinkOptions, terminal: Terminal): Promise<ExitCode> {
  const spec = await readSpec(options.config ?? SPEC_FILE);
  const [grant] = chooseGrants(spec, [name]);
  const audited = auditedGrant(spec, grant!);
  const open = await openAudit(options, terminal);
  try {
    const use = await open.audit.findGrantUse(open.engine, audited, open.filters);
    const { sql, parameters } = open.audit.spanQuestion;
    const [span] = (await open.engine.ask(sql, parameters)).rows;
    const days = Number(span?.['days'] ?? 0);
    const wanted = options.days ?? DAYS;
    const shrunk = open.audit.shrinkGrant(audited, use);
    const smaller = withAccess(grant!, shrunk, audited.principals);
    const [before, after] = [documents(spec, grant!), documents(spec, smaller)];
    const proof = open.audit.replay(worldOf(after), use.rows);
    const report = {
      grant: name,
      observed: {
        days,
        wanted,
        first: span?.['first_time'] ?? null,
        last: span?.['last_time'] ?? null,
        calls: use.calls,
      },
      access: smaller.access,
      principals: smaller.principals ?? [],
      removed: shrunk.removed,
      absent: use.absent,
      replay: { allowed: proof.allowed, denied: proof.denied.map(({ row, reason }) => ({ ...row, reason })) },
      diffs: diffsOf(before.documents, after.documents),
    };
    if (options.json) terminal.out.write(`${JSON.stringify(report)}\n`);
    else terminal.out.write(shrinkText(report, proof, terminal));
    if (days < wanted || proof.denied.length > 0) return EXIT.no;
    return report.removed.length + report.absent.length > 0 ? EXIT.no : EXIT.done;
  } finally {
    await open.close();
  }
}

function withAccess(
  grant: GrantSpec,
  { access, principals }: ShrunkGrant,
  all: readonly string[],
): GrantSpec {
  const names = principals.map((arn) => arn.split(':').at(-1)!);
  return {
    ...grant,
    access: access as GrantSpec['access'],
    ...(all.length > 0 && { principals: names }),
  };
}

interface Documents {
  facts: GrantFacts;
  documents: GrantDocuments;
}

function documents(spec: Spec, grant: GrantSpec): Documents {
  const facts = factsOf(spec, grant);
  return { facts, documents: documentsFor(facts) };
}

/** Both accounts with the grant and nothing else: what it allows, it allows alone. */
function worldOf({ facts, documents: made }: Documents): World {
  const { source, destination, bucket, region, role, principals } = facts;
  const document = (Statement: PolicyDocument['Statement']): PolicyDocument => ({
    Version: '2012-10-17',
    Statement,
  });
  return {
    accounts: {
      [source]: {
        id: source,
        principals: Object.fromEntries(
          principals.map(({ arn, kind }) => [
            arn,
            {
              kind,
              arn,
              uniqueId: kind === 'role' ? 'AROA' : 'AIDA',
              policies: made.source
                .filter(({ principal }) => principal.arn === arn)
                .map(({ document: its }) => ({ name: 'grant', document: its })),
            },
          ]),
        ),
        buckets: {},
        keys: {},
      },
      [destination]: {
        id: destination,
        principals:
          made.rolePolicy === undefined
            ? {}
            : {
                [role.arn]: {
                  kind: 'role',
                  arn: role.arn,
                  uniqueId: 'AROA',
                  policies: [{ name: 'grant', document: made.rolePolicy }],
                  trust: { name: 'trust', document: document(made.trust) },
                },
              },
        buckets: {
          [bucket]: {
            name: bucket,
            region,
            ownership: 'BucketOwnerEnforced',
            ...(made.bucket.length > 0 && { policy: { name: bucket, document: document(made.bucket) } }),
          },
        },
        keys: {},
      },
    },
  };
}

function diffsOf(before: GrantDocuments, after: GrantDocuments) {
  const statements = (list: PolicyDocument['Statement']): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: list,
  });
  return [
    { document: "role's policy", diffs: diffStatements(before.rolePolicy ?? null, after.rolePolicy ?? null) },
    { document: 'trust policy', diffs: diffStatements(statements(before.trust), statements(after.trust)) },
    { document: 'bucket policy', diffs: diffStatements(statements(before.bucket), statements(after.bucket)) },
  ].filter(({ diffs }) => diffs.length > 0);
}

interface Report {
  grant: string;
  observed: { days: number; wanted: number; calls: number };
  access: GrantSpec['access'];
  removed: ShrunkGrant['removed'];
  absent: string[];
  diffs: ReturnType<typeof diffsOf>;
}

function shrinkText(report: Report, proof: Replay, { style }: Terminal): string {
  const { observed, removed, absent, diffs } = report;
  const lines = [
    `${style.bold(report.grant)}: ${observed.calls.toLocaleString('en-US')} allowed calls on ${observed.days} days`,
    ...removed.map(({ level, pattern, becomes }) =>
      becomes.length === 0
        ? `  ${style.red('no longer')}  ${level} ${printable(pattern)}, which nobody used`
        : `  ${style.red('narrower')}   ${level} ${printable(pattern)} becomes ${printable(becomes.join(', '))}`,
    ),
    ...absent.map((arn) => `  ${style.red('no longer')}  ${printable(arn)}, which never came`),
    ...diffs.flatMap(({ document, diffs: changes }) => [
      '',
      style.bold(document),
      ...changes.flatMap((diff) => diffLines(diff, style)),
    ]),
    '',
    `In crossbucket.yaml:  access: ${JSON.stringify(report.access)}`,
    proof.denied.length === 0
      ? `${style.green('Proved')}: all ${proof.allowed.toLocaleString('en-US')} calls are still allowed.`
      : `${style.red('Not proved')}: ${proof.denied.length} kinds of calls would be denied, the first since ${printable(proof.denied[0]!.reason)}`,
    ...(observed.days < observed.wanted
      ? [
          style.red(
            `${observed.days} days are seen, and ${observed.wanted} are asked for: do not apply this yet (or say --days ${observed.days})`,
          ),
        ]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}
