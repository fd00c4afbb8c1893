import { parseArn } from '../arn.ts';
import { parseCaller } from '../statements/principal.ts';
import type { Cause } from '../decision.ts';
import type { ApiCall, World } from '../snapshot.ts';
import { setsDisabledAcl } from './disabled-acls.ts';
import { findAccessPoint, findBucket, own } from './owners.ts';
import { blockedControl, publicBucketPolicy } from './public-access-checks.ts';

/** What keeps a call out whatever policies say. */
export function checkBefore(world: World, call: ApiCall): Cause | undefined {
  return call.service === 's3'
    ? (wrongOwner(world, call) ?? wrongNetwork(world, call))
    : missingRole(world, call);
}

/** What keeps out a call that policies allow. */
export function checkAfter(world: World, call: ApiCall): Cause | undefined {
  switch (call.service) {
    case 's3':
      return publicBucketPolicy(world, call) ?? payment(world, call) ?? setsDisabledAcl(world, call);
    case 's3control':
      return blockedControl(world, call);
    case 'sts':
      return tooLongSession(world, call);
    default:
      return undefined;
  }
}

/** All that stands in the way of a call besides what policies say of it: before they are asked, and after they allow it. */
export interface Obstacles {
  before: Cause[];
  after: Cause[];
}

/** As `authorizeCall` names the first of, whatever the policies say. */
export function obstaclesTo(world: World, call: ApiCall): Obstacles {
  const isS3 = call.service === 's3';
  const before = isS3 ? [wrongOwner, wrongNetwork] : [missingRole];
  const after = isS3 ? [publicBucketPolicy, payment, setsDisabledAcl] : [checkAfter];
  const found = (checks: typeof before) => checks.flatMap((check) => check(world, call) ?? []);
  return { before: found(before), after: found(after) };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html */
function wrongOwner(world: World, { input }: ApiCall): Cause | undefined {
  const claims = [
    [input['Bucket'], input['ExpectedBucketOwner']],
    [sourceBucket(input['CopySource']), input['ExpectedSourceBucketOwner']],
  ];
  for (const [name, expected] of claims) {
    if (typeof name !== 'string' || typeof expected !== 'string') continue;
    const owner = findBucket(world, name)?.account.id;
    if (owner === undefined || owner === expected) continue;
    const detail = `bucket \`${name}\` does not belong to account ${expected}, which the call expects`;
    return { code: 'expected-owner-mismatch', account: owner, detail };
  }
  return undefined;
}

/** An access point of a VPC is reached from that VPC only. */
function wrongNetwork(world: World, { input, context, unknown }: ApiCall): Cause | undefined {
  const { Bucket: name } = input;
  const found = typeof name === 'string' ? findAccessPoint(world, name) : undefined;
  const vpc = found?.accessPoint.vpc;
  if (found === undefined || vpc === undefined || context?.['aws:SourceVpc'] === vpc) return undefined;
  if (unknown?.some((key) => key.toLowerCase() === 'aws:sourcevpc')) return undefined;
  return {
    code: 'access-point-policy-explicit-deny',
    account: found.account.id,
    layer: 'access-point-policy',
    detail: `access point \`${found.accessPoint.arn}\` is reached from \`${vpc}\` only`,
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html */
function payment(world: World, { principal, input }: ApiCall): Cause | undefined {
  const { Bucket: name, RequestPayer: payer } = input;
  const found = typeof name === 'string' ? findBucket(world, name) : undefined;
  const { account, kind } = parseCaller(principal);
  // Nobody can be charged for an anonymous request.
  if (found?.bucket.requesterPays !== true || (payer === 'requester' && kind !== 'anonymous'))
    return undefined;
  if (kind === 'service' || account === found.account.id) return undefined;
  const detail = `bucket \`${name}\` has the requester pay, and the call does not say that it will (x-amz-request-payer)`;
  return { code: 'requester-pays', account: found.account.id, detail };
}

function sourceBucket(source: unknown): string | undefined {
  return typeof source === 'string' ? source.replace(/^\//, '').split('/')[0] : undefined;
}

/** A role that is not there, in an account whose roles are known. */
function missingRole(world: World, { service, operation, input }: ApiCall): Cause | undefined {
  const { RoleArn: arn } = input;
  if (service !== 'sts' || !operation.startsWith('AssumeRole') || typeof arn !== 'string') return undefined;
  const id = parseArn(arn)?.account ?? '';
  const account = own(world.accounts, id);
  if (account === undefined || own(account.principals, arn) !== undefined) return undefined;
  if (parseCaller(arn).kind !== 'role' || account.unknown?.some(({ what }) => isAbout(what, arn)))
    return undefined;
  return {
    code: 'role-not-found',
    account: id,
    layer: 'trust-policy',
    detail: `account ${id} has no role \`${arn}\``,
  };
}

/** Whether nobody could read if there is such a role. */
const isAbout = (unknown: string, arn: string): boolean =>
  unknown === 'principals' ||
  (unknown.startsWith('principal ') && unknown.split('/').at(-1) === arn.split('/').at(-1));

const HOUR = 3600;

/** https://docs.aws.amazon.com/sdk-for-kotlin/api/latest/sts/aws.sdk.kotlin.services.sts.model/-assume-role-request/duration-seconds.html */
function tooLongSession(world: World, { operation, input, principal }: ApiCall): Cause | undefined {
  const { RoleArn: arn, DurationSeconds: seconds } = input;
  if (!operation.startsWith('AssumeRole') || typeof arn !== 'string' || typeof seconds !== 'number')
    return undefined;
  const id = parseArn(arn)?.account ?? '';
  const most = own(own(world.accounts, id)?.principals ?? {}, arn)?.maxSessionDuration;
  const isChained = operation === 'AssumeRole' && parseCaller(principal).kind === 'session';
  const limit = isChained ? Math.min(HOUR, most ?? HOUR) : most;
  if (limit === undefined || seconds <= limit) return undefined;
  const why = isChained ? 'a session that another one makes' : `a session of \`${arn}\``;
  return {
    code: 'session-duration',
    account: id,
    detail: `${why} lasts ${limit} seconds at most, and the call asks for ${seconds}`,
  };
}
