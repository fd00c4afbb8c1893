import { randomUUID } from 'node:crypto';
import type { NamedPolicy } from '@crossbucket/policy';
import { inlinePolicyName, type AccountReader } from '../accounts/index.ts';
import { parsedOrNull } from '../changes/merge-text.ts';
import type { GrantSpec, Spec } from '../spec/index.ts';
import { factsOf, policyName, type GrantFacts, type KeyFacts, type SourcePrincipal } from './facts.ts';
import { externalIdIn, formerKeys, formerPrincipals, formerRoles } from './former.ts';
import { findKeys } from './keys.ts';
import type { PlanProblem } from './problem.ts';
import { requireRead } from './required.ts';
import { readRole } from './read-role.ts';
import type { GrantState, RoleReading, SourceReading } from './state.ts';

/** Readers by account id: of the sides that are to be looked at. */
export type Readers = ReadonlyMap<string, AccountReader>;

export interface Gathered {
  state: GrantState;
  problems: PlanProblem[];
}

export interface GatherOptions {
  /** Which sides are looked at; an account may be a grant's source and another's destination. */
  sides: { source: boolean; destination: boolean };
  /** External ids that an earlier plan of these grants has made up, by grant. */
  externalIds?: Readonly<Record<string, string>> | undefined;
}

/** Reads what both accounts have of a grant. What keeps it from being planned comes out as problems. */
export async function gather(
  spec: Spec,
  grant: GrantSpec,
  readers: Readers,
  { sides, externalIds = {} }: GatherOptions,
): Promise<Gathered> {
  const [destinationName = ''] = grant.bucket.split('/');
  const destinationReader = sides.destination ? readers.get(spec.accounts[destinationName]!.id) : undefined;
  const sourceReader = sides.source ? readers.get(spec.accounts[grant.to]!.id) : undefined;
  const partition = (destinationReader ?? sourceReader)?.connection.partition ?? 'aws';
  const facts = factsOf(spec, grant, partition);
  const problems: PlanProblem[] = [];
  const [destination, source] = await Promise.all([
    destinationReader &&
      gatherDestination(facts, destinationReader, readers, problems, externalIds[grant.name]),
    sourceReader && gatherSource(facts, sourceReader, problems),
  ]);
  const state: GrantState = { facts: destination?.facts ?? facts, destination: destination?.state, source };
  // Each of the two may be told by documents of the other's alone: old roles by the source, old principals by roles.
  if (destinationReader && destination?.state && source)
    destination.state.formerRoles = await readFormerRoles(
      destination.facts,
      destinationReader,
      source.principals,
    );
  if (sourceReader && source && destination?.state)
    source.former = await readFormer(destination.facts, sourceReader, destination.state);
  return { state, problems };
}

async function gatherDestination(
  planned: GrantFacts,
  reader: AccountReader,
  readers: Readers,
  problems: PlanProblem[],
  madeUp: string | undefined,
): Promise<{ facts: GrantFacts; state: GrantState['destination'] }> {
  const { spec, destination: account, bucket: name } = planned;
  const [bucket, publicAccessBlock, role] = await Promise.all([
    reader.bucket(name),
    reader.publicAccessBlock(),
    readRole(planned, reader, planned.role.name),
  ]);
  if (bucket === undefined) {
    requireRead(reader, [`bucket ${name}`]);
    problems.push({
      severity: 'error',
      code: 'no-such-bucket',
      grant: spec.name,
      account,
      document: `bucket ${name}`,
      message: `account ${account} has no bucket \`${name}\`: there is none of this name, or it is another account's`,
      help: 'mend `bucket` in crossbucket.yaml, or name the account that owns it',
    });
    return { facts: planned, state: undefined };
  }
  requireRead(reader, [`bucket-policy ${name}`, `encryption ${name}`]);
  const owned = role?.isOurs === true || (role !== undefined && role.policy !== null);
  const externalId = externalIdOf(
    planned,
    (owned ? externalIdIn(role?.state.trust ?? null, planned.owner) : undefined) ?? madeUp,
  );
  const facts: GrantFacts = {
    ...planned,
    region: bucket.region,
    externalId,
    // A role that is there keeps its path: its ARN is what others name.
    role: { ...planned.role, ...(role !== undefined && !role.isOurs && adoptedRole(planned, role)) },
  };
  const boundary = await findBoundary(facts, reader, problems);
  facts.keys = await findKeys(facts, bucket, reader, readers, problems);
  const keyPolicies = await keyPolicyTexts(facts.keys, formerKeys(role?.policy ?? null), readers);
  return {
    facts,
    state: {
      bucket,
      publicAccessBlock,
      bucketPolicy: reader.text(`bucket-policy ${name}`) ?? null,
      keyPolicies,
      role,
      boundary,
      formerRoles: [],
    },
  };
}

async function findBoundary(
  { spec, route, destination: account }: GrantFacts,
  reader: AccountReader,
  problems: PlanProblem[],
): Promise<NamedPolicy | undefined> {
  const arn = spec.role?.boundary;
  if (arn === undefined || route !== 'role') return undefined;
  const boundary = await reader.managedPolicy(arn);
  const what = `managed-policy ${arn}`;
  const isUnread = reader.snapshot().unknown?.some((fact) => fact.what === what);
  if (boundary === undefined && isUnread !== true)
    problems.push({
      severity: 'error',
      code: 'no-such-boundary',
      grant: spec.name,
      account,
      document: what,
      message: `there is no policy \`${arn}\` to be the boundary of the role`,
      help: 'make it first, or mend `boundary` in crossbucket.yaml',
    });
  return boundary;
}

const adoptedRole = ({ partition, destination }: GrantFacts, { name, state }: RoleReading) => ({
  path: state.path,
  arn: `arn:${partition}:iam::${destination}:role${state.path}${name}`,
});

/** The one that is in force, else a random one: that is not a secret, and only has to differ from everybody else's. */
function externalIdOf({ route, spec }: GrantFacts, inForce: string | undefined): string | undefined {
  const wish = spec.role?.externalId ?? 'auto';
  if (route !== 'role' || wish === false) return undefined;
  if (wish !== 'auto') return wish;
  return inForce ?? newExternalId();
}

export const newExternalId = (): string => `crossbucket-${randomUUID()}`;

async function keyPolicyTexts(
  keys: readonly KeyFacts[],
  former: readonly string[],
  readers: Readers,
): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const key of new Set([...keys.map(({ arn }) => arn), ...former])) {
    const reader = readers.get(key.split(':')[4]!);
    await reader?.key(key);
    const text = reader?.text(`key-policy ${key}`);
    if (text !== undefined) texts[key] = text;
  }
  return texts;
}

async function gatherSource(
  facts: GrantFacts,
  reader: AccountReader,
  problems: PlanProblem[],
): Promise<NonNullable<GrantState['source']>> {
  const principals = await Promise.all(
    facts.principals.map((principal) => readSource(facts, reader, principal)),
  );
  for (const { principal, snapshot } of principals) {
    const { arn, kind, name } = principal;
    const about = { grant: facts.spec.name, account: facts.source, document: `${kind} ${name}` };
    requireRead(reader, [`principal ${arn}`]);
    if (snapshot === undefined)
      problems.push({
        ...about,
        severity: 'error',
        code: 'no-such-principal',
        message: `account ${facts.source} has no ${kind} \`${name}\``,
        help: 'make it first, or mend `principals` in crossbucket.yaml',
      });
    else if (snapshot.arn !== arn)
      problems.push({
        ...about,
        severity: 'error',
        code: 'principal-path',
        message: `the ${kind} \`${name}\` of account ${facts.source} is \`${snapshot.arn.split(':').at(-1)!}\`, not \`${arn.split(':').at(-1)!}\``,
        help: `write \`${snapshot.arn.split(':').at(-1)!}\` in crossbucket.yaml: policies name a principal with its path`,
      });
  }
  return { principals, former: [] };
}

async function readSource(
  facts: GrantFacts,
  reader: AccountReader,
  principal: SourcePrincipal,
): Promise<SourceReading> {
  const snapshot = await reader.principal(principal.arn);
  const policy = reader.text(inlinePolicyName(principal, policyName(facts))) ?? null;
  return { principal, snapshot, policy };
}

/** Principals that the documents of the destination still name, and the specification no longer does. */
async function readFormer(
  facts: GrantFacts,
  reader: AccountReader,
  { role, formerRoles: old, bucketPolicy }: NonNullable<GrantState['destination']>,
): Promise<SourceReading[]> {
  const trusts = [role, ...old].map((one) => one?.state.trust ?? null);
  const named = [...trusts, parsedOrNull(bucketPolicy)].flatMap((document) =>
    formerPrincipals(document, facts.owner, facts.source),
  );
  const gone = named.filter(({ arn }) => !facts.principals.some((principal) => principal.arn === arn));
  const readings = await Promise.all(gone.map((principal) => readSource(facts, reader, principal)));
  return readings.filter(({ policy }) => policy !== null);
}

/** Roles that the source's policies still name, under another name or route, if this grant made them. */
async function readFormerRoles(
  facts: GrantFacts,
  reader: AccountReader,
  principals: readonly SourceReading[],
): Promise<RoleReading[]> {
  const names = new Set(principals.flatMap(({ policy }) => formerRoles(policy, facts.destination)));
  names.delete(facts.role.name);
  const readings = await Promise.all([...names].map((name) => readRole(facts, reader, name)));
  return readings.filter(
    (role) => role !== undefined && (role.isOurs || role.policy !== null),
  ) as RoleReading[];
}
