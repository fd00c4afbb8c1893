import { createHash } from 'node:crypto';
import { isPublicPolicy, parsePolicy, statementsOf, type PolicyDocument } from '@crossbucket/policy';
import { accessPointArn } from '../../store/arns.ts';
import type { AccessPointRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import { awsPrincipalsOf, principalIdsOf, textNow } from '../../store/principal-ids.ts';
import { ALL_BLOCKED, completeBlock } from '../public-access-block.ts';
import { wordsOf } from '../policy-refusals.ts';
import { findUnknownPrincipal } from '../principals.ts';
import type { Call, HandlersOf } from '../service.ts';
import { sliceAt } from '../pages.ts';

const LARGEST_PAGE = 1000;

const invalidToken = () => new AwsError('InvalidArgument', 'The continuation token provided is incorrect');

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points.html */
export const accessPointHandlers: HandlersOf<typeof import('@aws-sdk/client-s3-control')> = {
  CreateAccessPoint(input, call) {
    const name = input.Name!;
    requireName(name);
    const bucket = call.store.buckets.get(input.Bucket!);
    const bucketAccount = input.BucketAccountId ?? call.caller.account;
    if (!bucket || bucket.account !== bucketAccount || bucket.region !== call.region)
      throw new AwsError(
        'InvalidRequest',
        'Amazon S3 Access Points can only be created for an existing bucket.',
      );
    const key = keyOf(call.caller.account, name);
    if (call.store.accessPoints.has(key))
      throw new AwsError(
        'AccessPointAlreadyOwnedByYou',
        'Your previous request to create the named access point succeeded and you already own it.',
        {
          status: 409,
        },
      );
    const wanted = input.PublicAccessBlockConfiguration;
    const point: AccessPointRecord = {
      name,
      account: call.caller.account,
      region: call.region,
      bucket: bucket.name,
      bucketAccount,
      alias: aliasOf(call.caller.account, call.region, name),
      created: call.clock.now(),
      ...(input.VpcConfiguration?.VpcId !== undefined && { vpc: input.VpcConfiguration.VpcId }),
      publicAccessBlock: wanted ? completeBlock(wanted) : ALL_BLOCKED,
    };
    call.store.accessPoints.set(key, point);
    return { AccessPointArn: accessPointArn(point), Alias: point.alias };
  },

  GetAccessPoint(input, call) {
    const point = requireAccessPoint(input.Name!, call);
    return {
      Name: point.name,
      Bucket: point.bucket,
      BucketAccountId: point.bucketAccount,
      NetworkOrigin: point.vpc === undefined ? 'Internet' : 'VPC',
      ...(point.vpc !== undefined && { VpcConfiguration: { VpcId: point.vpc } }),
      PublicAccessBlockConfiguration: point.publicAccessBlock,
      CreationDate: new Date(point.created),
      Alias: point.alias,
      AccessPointArn: accessPointArn(point),
    };
  },

  ListAccessPoints(input, call) {
    const own = [...call.store.accessPoints.values()]
      .filter(({ account, region }) => account === call.caller.account && region === call.region)
      .filter(({ bucket }) => input.Bucket === undefined || bucket === input.Bucket)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const size = Math.min(input.MaxResults ?? LARGEST_PAGE, LARGEST_PAGE);
    const { page, next } = sliceAt(own, input.NextToken, size, invalidToken);
    const list = page.map((point) => ({
      Name: point.name,
      NetworkOrigin: point.vpc === undefined ? ('Internet' as const) : ('VPC' as const),
      ...(point.vpc !== undefined && { VpcConfiguration: { VpcId: point.vpc } }),
      Bucket: point.bucket,
      BucketAccountId: point.bucketAccount,
      AccessPointArn: accessPointArn(point),
      Alias: point.alias,
    }));
    return { AccessPointList: list, ...(next !== undefined && { NextToken: next }) };
  },

  DeleteAccessPoint(input, call) {
    const point = requireAccessPoint(input.Name!, call);
    call.store.accessPoints.delete(keyOf(point.account, point.name));
    return {};
  },

  PutAccessPointPolicy(input, call) {
    const { policyPrincipals: _, ...point } = requireAccessPoint(input.Name!, call);
    const text = input.Policy!;
    const policyPrincipals = principalIdsOf(requirePolicy(text, point, call), call.store);
    call.store.accessPoints.set(keyOf(point.account, point.name), {
      ...point,
      policy: text,
      ...(policyPrincipals && { policyPrincipals }),
    });
    return {};
  },

  GetAccessPointPolicy(input, call) {
    const point = requireAccessPoint(input.Name!, call);
    return { Policy: textNow(requireStoredPolicy(point), point.policyPrincipals, call.store) };
  },

  GetAccessPointPolicyStatus(input, call) {
    const text = requireStoredPolicy(requireAccessPoint(input.Name!, call));
    return { PolicyStatus: { IsPublic: isPublicPolicy(JSON.parse(text), 'access-point') } };
  },

  DeleteAccessPointPolicy(input, call) {
    const { policy: _policy, policyPrincipals: _ids, ...point } = requireAccessPoint(input.Name!, call);
    call.store.accessPoints.set(keyOf(point.account, point.name), point);
    return {};
  },
};

function keyOf(account: string, name: string): string {
  return `${account}/${name}`;
}

/** A name, some letters and `-s3alias`. https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html */
function aliasOf(account: string, region: string, name: string): string {
  const suffix = createHash('sha256').update(`${region} ${account} ${name}`).digest('hex').slice(0, 32);
  return `${name.slice(0, 20).replace(/-+$/, '')}-${suffix}-s3alias`;
}

function requireName(name: string): void {
  if (/^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$/.test(name) && !name.endsWith('-s3alias')) return;
  throw new AwsError('InvalidRequest', 'The specified access point name is not valid.');
}

function requireAccessPoint(name: string, call: Call): AccessPointRecord {
  const point = call.store.accessPoints.get(keyOf(call.caller.account, name));
  if (point && point.region === call.region) return point;
  throw new AwsError('NoSuchAccessPoint', 'The specified accesspoint does not exist', {
    status: 404,
    fields: { AccessPointName: name },
  });
}

function requireStoredPolicy({ policy, name }: AccessPointRecord): string {
  if (policy !== undefined) return policy;
  throw new AwsError('NoSuchAccessPointPolicy', 'The specified accesspoint policy does not exist', {
    status: 404,
    fields: { AccessPointName: name },
  });
}

function requirePolicy(text: string, point: AccessPointRecord, call: Call): PolicyDocument {
  const malformed = (message: string) => new AwsError('MalformedPolicy', message);
  const { document, problems } = parsePolicy(text, 'access-point');
  const problem = problems.find(({ severity }) => severity === 'error');
  if (problem || !document)
    throw malformed(problem ? wordsOf(problem, 's3', text) : 'This policy contains invalid Json');
  const own = accessPointArn(point);
  for (const resource of statementsOf(document).flatMap(({ Resource }) => Resource ?? []))
    if (resource !== own && !resource.startsWith(`${own}/object/`))
      throw malformed('Policy has invalid resource');
  if (findUnknownPrincipal(awsPrincipalsOf(document), call) !== undefined)
    throw malformed('Invalid principal in policy');
  return document;
}
