import { statementsOf } from '@crossbucket/policy';
import type { AccountConnection } from '../accounts/index.ts';
import { gather, type Readers } from './collect/gather.ts';
import { openSources, readersOf, unknownAccount, type SourceFailure } from './collect/sources.ts';
import { whoAsks, type Asker } from './collect/who-asks.ts';
import type { Possibility, Situation } from './core/situation.ts';
import { ExplainError } from './explain-error.ts';
import { conclude, evidenceIn, isSamePrincipal, withProbes } from './probe/conclude.ts';
import type { MadeProbe } from './probe/run-probes.ts';
import { explainSituation } from './explain-situation.ts';
import type { Explanation } from './explanation.ts';
import { weigh } from './evidence/weigh.ts';
import { messageFor } from './message.ts';
import { operationOf, type Operation } from './question/operation.ts';
import { pathOf, type RoleStep } from './question/path.ts';
import type { ExplainOptions, Question } from './question/question.ts';
import { parseTarget } from './question/target.ts';

/**
 * Reads what has a say in a call from every account that it may read, with read-only calls, and says whether the call is
 * allowed, why it is not, and what to change.
 * @throws ExplainError where the question is none; AccountError where nothing can be read at all
 */
export async function answer(question: Question, options: ExplainOptions = {}): Promise<Explanation> {
  const prepared = await situationFor(question, options);
  const probes = options.probe === true ? await probesOf(prepared) : undefined;
  const situation = withProbes(prepared.situation, probes);
  const explanation = withFailures(explainSituation(situation), prepared.failures);
  const evidence = options.evidence ?? evidenceIn(probes, situation);
  const weighed = evidence === undefined ? explanation : weigh(explanation, evidence);
  const concluded = probes === undefined ? weighed : conclude(weighed, probes);
  const message = messageFor(concluded);
  return message === undefined ? concluded : { ...concluded, message };
}

/** The calls are made in the name of the caller, or where nobody here is it, only those that tell of the bucket. */
async function probesOf({ situation, connections }: Prepared): Promise<MadeProbe[]> {
  const { runProbes } = await import('./probe/run-probes.ts');
  const { principal } = situation.caller;
  const own = connections.find(({ caller }) => isSamePrincipal(caller, principal));
  const connection = own ?? connections[0];
  return connection === undefined ? [] : runProbes(connection, situation.calls, own !== undefined);
}

export interface Prepared {
  situation: Situation;
  /** Whoever can make calls here. */
  connections: readonly AccountConnection[];
  failures: readonly SourceFailure[];
  readers: Readers;
}

function askedOperation({ action, target, input }: Question): Operation {
  if (action === undefined || target === undefined)
    throw new ExplainError(
      'bad-question',
      'what was given does not tell the action and the target',
      'name them as well: crossbucket explain s3:GetObject s3://BUCKET/KEY --error ...',
    );
  return operationOf(action, parseTarget(target), input);
}

/** Everything read that the answer follows from. */
export async function situationFor(question: Question, options: ExplainOptions): Promise<Prepared> {
  const now = options.now ?? new Date().toISOString();
  const asked = question.operation ?? askedOperation(question);
  const [asker, sources] = await Promise.all([
    whoAsks(question.as, options.spec),
    options.reading ?? openSources(options),
  ]);
  const connections = [...sources.connections, ...(asker.connection ? [asker.connection] : [])];
  const [failure] = sources.failures;
  if (connections.length === 0 && failure && options.evidence === undefined && !asker.credentials)
    throw failure.error;
  const readers = 'readers' in sources ? sources.readers : readersOf(connections, asker.principal);
  const operation = await byAccessPoint(asked, readers, question.region);
  const via = await rolesOf(question, asker, readers);
  const principal = asker.principal ?? unknownPrincipal(asker, options);
  const path = pathOf({
    principal,
    session: question.session,
    via,
    operation,
    context: question.context,
    open: question.closed !== true,
    now,
  });
  const { region } = question;
  const facts: Situation['facts'] = {
    now,
    ...(asker.credentials && { credentials: asker.credentials }),
    ...(region !== undefined && { region }),
    ...toldFacts(options),
  };
  const found = await gather({ ...path, facts }, readers, options.endpoints);
  const calls = path.calls.map((call, index) => ({ ...call, ...found.objects.get(index) }));
  return {
    readers,
    connections,
    failures: sources.failures,
    situation: {
      ...path,
      calls,
      world: found.world,
      facts: { ...facts, ...found.facts },
      possibilities: possibilitiesOf(question, asker, options),
    },
  };
}

/**
 * An alias of an access point stands where a bucket's name does, and it is the access point that is called.
 * https://docs.aws.amazon.com/sdk-for-kotlin/api/latest/s3/aws.sdk.kotlin.services.s3.model/-get-bucket-acl-request/bucket.html
 */
async function byAccessPoint(operation: Operation, readers: Readers, region?: string): Promise<Operation> {
  const { Bucket: alias } = operation.input;
  if (typeof alias !== 'string' || !alias.endsWith('-s3alias')) return operation;
  const found = await Promise.all(
    [...readers.values()].flatMap(([reader]) => reader?.accessPointBehind(alias, region) ?? []),
  );
  const arn = found.find((one) => one !== undefined);
  return arn === undefined ? operation : { ...operation, input: { ...operation.input, Bucket: arn } };
}

/** What AWS has told, and no reading can tell. */
function toldFacts({ evidence }: ExplainOptions): Partial<Situation['facts']> {
  const { credentials, stsDisabled, region, bucketRegion } = evidence?.facts ?? {};
  return {
    ...(credentials && { credentials }),
    ...(stsDisabled && { stsDisabled }),
    ...(region !== undefined && { region }),
    ...(bucketRegion !== undefined && { bucketRegion }),
  };
}

/** What the question does not tell, and the configuration suggests. */
function possibilitiesOf(
  { region, context = {} }: Question,
  asker: Asker,
  { endpoints = {} }: ExplainOptions,
): Possibility[] {
  const told = Object.keys(context).some((key) => /^aws:Source(Vpce|Vpc|Ip)$/i.test(key));
  const profile = asker.profile ?? 'default';
  return [
    ...(region === undefined && asker.region !== undefined
      ? [
          {
            unless: `the client of S3 is made for the region of the bucket, and not for that of profile \`${profile}\``,
            facts: { region: asker.region },
          },
        ]
      : []),
    ...(told
      ? []
      : Object.values(endpoints).map(({ id, vpc }) => ({
          unless: `the call does not go through VPC endpoint \`${id}\``,
          context: { 'aws:SourceVpce': id, ...(vpc !== undefined && { 'aws:SourceVpc': vpc }) },
        }))),
  ];
}

/** Credentials that AWS refuses tell of nobody; the configuration may tell the account. */
function unknownPrincipal({ profile }: Asker, { spec }: ExplainOptions): string {
  const account = Object.values(spec?.accounts ?? {}).find((one) => one.profile === profile)?.id;
  return account === undefined ? '*' : `arn:aws:iam::${account}:root`;
}

async function rolesOf({ via = [] }: Question, asker: Asker, readers: Readers): Promise<RoleStep[]> {
  const steps = via.map((step) => (typeof step === 'string' ? { roleArn: step } : step));
  for (const { roleArn } of steps) {
    if (/^arn:[a-z-]+:iam::\d{12}:role\/.+$/.test(roleArn)) continue;
    throw new ExplainError(
      'bad-question',
      `\`${roleArn}\` is no ARN of a role`,
      'write it as arn:aws:iam::222222222222:role/NAME',
    );
  }
  if (steps.length > 0) return steps;
  return asker.externalIdOf === undefined ? asker.via : withExternalId(asker, readers);
}

/** The external id of a grant that made one up stands in the role's trust policy. */
async function withExternalId({ via, externalIdOf }: Asker, readers: Readers): Promise<RoleStep[]> {
  const [reader] = readers.get(externalIdOf!.split(':')[4]!) ?? [];
  const role = await reader?.principal(externalIdOf!);
  const ids = (role?.trust ? statementsOf(role.trust.document) : []).flatMap(
    ({ Condition }) => Condition?.['StringEquals']?.['sts:ExternalId'] ?? [],
  );
  return via.map((step) =>
    step.roleArn === externalIdOf && ids.length === 1
      ? { ...step, input: { ExternalId: String(ids[0]) } }
      : step,
  );
}

/** Accounts that could not be connected to are unknown, each with AWS's reason. */
function withFailures(explanation: Explanation, failures: readonly SourceFailure[]): Explanation {
  if (failures.length === 0) return explanation;
  const more = failures.map(unknownAccount);
  const known = explanation.unknowns.map((unknown) => {
    const failure = failures.find(({ id }) => id !== undefined && id === unknown.account);
    return unknown.what === 'account' && failure ? { ...unknown, why: failure.error.message } : unknown;
  });
  const rest = more.filter(({ account }) => !known.some((one) => one.account === account && account !== ''));
  return { ...explanation, unknowns: [...known, ...rest], partial: true };
}
