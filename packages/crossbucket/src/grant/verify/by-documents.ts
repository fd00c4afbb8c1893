import {
  authorizeCall,
  type ApiCall,
  type CallDecision,
  type SessionFacts,
  type World,
} from '@crossbucket/policy';
import type { GrantFacts } from '../facts.ts';
import type { Check } from './check.ts';
import { probesFor } from './probes.ts';

/** Decides what the grant promises, and what it does not give, on the documents as they are. */
export function checkDocuments(facts: GrantFacts, world: World): Check[] {
  const principals = facts.principals.map(({ arn }) => arn);
  return principals.length === 0
    ? checksFor(facts, world, undefined)
    : principals.flatMap((arn) => checksFor(facts, world, arn));
}

/** Without a principal, the account itself stands for whom it lets. */
function checksFor(facts: GrantFacts, world: World, principal: string | undefined): Check[] {
  if (facts.route === 'role') return checkRole(facts, world, principal);
  if (principal === undefined)
    return s3Checks(facts, world, `arn:${facts.partition}:iam::${facts.source}:root`, {});
  return s3Checks(facts, world, sessionOf(principal), sessionFacts(facts, principal));
}

function checkRole(facts: GrantFacts, world: World, principal: string | undefined): Check[] {
  const { role, externalId, partition, destination } = facts;
  const checks: Check[] = [];
  if (principal !== undefined) {
    const assume = (input: Record<string, unknown>, who = sessionOf(principal)): ApiCall => ({
      service: 'sts',
      operation: 'AssumeRole',
      input: { RoleArn: role.arn, RoleSessionName: 'verify', ...input },
      principal: who,
      context: contextFor(facts),
      session: sessionFacts(facts, principal),
    });
    const withId = externalId === undefined ? {} : { ExternalId: externalId };
    checks.push(checkOf(facts, principal, 'AssumeRole', 'allowed', authorizeCall(world, assume(withId))));
    if (externalId !== undefined)
      checks.push(
        checkOf(
          facts,
          principal,
          'AssumeRole without the external id',
          'denied',
          authorizeCall(world, assume({})),
        ),
      );
  }
  const session = `arn:${partition}:sts::${destination}:assumed-role/${role.name}/verify`;
  return [...checks, ...s3Checks(facts, world, session, {})];
}

function s3Checks(facts: GrantFacts, world: World, principal: string, session: SessionFacts): Check[] {
  const key = facts.keys[0]?.arn;
  return probesFor(facts.spec.access, 'x').map(({ operation, at, input, expected }) => {
    const call: ApiCall = {
      service: 's3',
      operation,
      input: { Bucket: facts.bucket, ...input },
      principal,
      context: contextFor(facts),
      session,
      object: { owner: facts.destination, ...(key !== undefined && { kmsKey: key }) },
    };
    return checkOf(
      facts,
      principal,
      `${operation} s3://${facts.bucket}/${at}`,
      expected,
      authorizeCall(world, call),
    );
  });
}

function checkOf(
  { spec }: GrantFacts,
  as: string,
  call: string,
  expected: Check['expected'],
  { outcome, reason }: CallDecision,
): Check {
  const actual = outcome === 'allow' ? 'allowed' : outcome === 'deny' ? 'denied' : 'depends';
  // What nobody could read can only take access away.
  const ok = actual === expected || (actual === 'depends' && expected === 'allowed');
  return {
    grant: spec.name,
    by: 'documents',
    as,
    call,
    expected,
    actual,
    ok,
    ...(actual !== expected && { detail: reason }),
  };
}

/** A role acts through its sessions. */
function sessionOf(principal: string): string {
  const [, partition, account, name] =
    /^arn:([^:]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(principal) ?? [];
  return name === undefined ? principal : `arn:${partition}:sts::${account}:assumed-role/${name}/verify`;
}

const sessionFacts = ({ spec }: GrantFacts, principal: string): SessionFacts =>
  spec.conditions?.mfa === true || principal.includes(':role/') ? { mfa: spec.conditions?.mfa === true } : {};

/** The circumstances under which the grant is meant to work. */
function contextFor({ spec }: GrantFacts): Record<string, string | boolean> {
  const { sourceIp, vpcEndpoint, vpc } = spec.conditions ?? {};
  return {
    'aws:SecureTransport': true,
    ...(sourceIp && { 'aws:SourceIp': sourceIp[0]!.split('/')[0]! }),
    ...(vpcEndpoint && { 'aws:SourceVpce': vpcEndpoint[0]! }),
    ...(vpc && { 'aws:SourceVpc': vpc[0]! }),
  };
}
