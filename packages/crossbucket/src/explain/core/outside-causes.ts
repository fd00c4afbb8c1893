import { authorizeCall, findBucket, type ApiCall, type Cause, type World } from '@crossbucket/policy';
import type { Facts } from './situation.ts';

/** What keeps a call out before any policy is asked. */
export function causesBefore(world: World, call: ApiCall, index: number, facts: Facts): Cause[] {
  return [
    ...(index === 0 ? credentialCauses(call, facts) : []),
    ...(call.service === 'sts' ? regionOff(call, facts) : []),
    ...(call.service === 's3' ? [...noBucket(call, facts), ...otherRegion(world, call, facts)] : []),
  ];
}

/** What keeps out a call that everything else lets through. */
export function causesAfter(world: World, call: ApiCall, facts: Facts): Cause[] {
  if (call.service !== 's3') return [];
  return [...noKey(world, call, facts), ...locked(world, call, facts)];
}

function credentialCauses({ principal }: ApiCall, { credentials }: Facts): Cause[] {
  if (credentials === undefined) return [];
  const account = principal.split(':')[4];
  return [{ ...credentials, ...(account !== undefined && { account }) }];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html */
function regionOff({ input }: ApiCall, { stsDisabled }: Facts): Cause[] {
  if (stsDisabled === undefined) return [];
  const { account, region } = stsDisabled;
  const role = typeof input['RoleArn'] === 'string' ? input['RoleArn'].split(':')[4] : undefined;
  if (role !== undefined && role !== account) return [];
  const detail = `STS gives no credentials of account ${account} in region \`${region}\`: it is not turned on there`;
  return [{ code: 'sts-region-disabled', account, detail }];
}

const nameOf = (input: ApiCall['input']): string | undefined =>
  typeof input['Bucket'] === 'string' ? input['Bucket'] : undefined;

function noBucket({ input, operation }: ApiCall, { bucketMissing }: Facts): Cause[] {
  if (bucketMissing !== true || operation === 'CreateBucket') return [];
  const name = nameOf(input) ?? '';
  const account = name.startsWith('arn:') ? name.split(':')[4]! : undefined;
  return account === undefined
    ? [{ code: 'no-such-bucket', detail: `no account has a bucket \`${name}\`` }]
    : [{ code: 'no-such-bucket', account, detail: `account ${account} has no access point \`${name}\`` }];
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html */
function otherRegion(world: World, { input, operation }: ApiCall, { region }: Facts): Cause[] {
  const name = nameOf(input);
  const found = name === undefined ? undefined : findBucket(world, name);
  if (region === undefined || found === undefined || operation === 'GetBucketLocation') return [];
  const { account, bucket } = found;
  if (bucket.region === region || name!.startsWith('arn:')) return [];
  const detail = `bucket \`${bucket.name}\` is in region \`${bucket.region}\`, and the call goes to \`${region}\``;
  return [{ code: 'wrong-region', account: account.id, detail }];
}

/** Calls that need the object to be there. */
const OF_OBJECTS = new Set([
  'GetObject',
  'HeadObject',
  'GetObjectAcl',
  'PutObjectAcl',
  'GetObjectAttributes',
  'GetObjectTagging',
  'PutObjectTagging',
  'DeleteObjectTagging',
  'GetObjectRetention',
  'PutObjectRetention',
  'GetObjectLegalHold',
  'PutObjectLegalHold',
  'RestoreObject',
  'SelectObjectContent',
]);

/**
 * A key that is not there: 404 for those who may list the bucket, 403 for others.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
function noKey(world: World, call: ApiCall, { objectMissing }: Facts): Cause[] {
  if (objectMissing !== true || !OF_OBJECTS.has(call.operation)) return [];
  const { Bucket, Key, VersionId } = call.input;
  const account = findBucket(world, String(Bucket))?.account.id;
  const place = account === undefined ? {} : { account };
  const what =
    VersionId === undefined
      ? `no object \`${String(Key)}\``
      : `no version \`${String(VersionId)}\` of \`${String(Key)}\``;
  const gone: Cause = { code: 'no-such-key', ...place, detail: `bucket \`${String(Bucket)}\` has ${what}` };
  const listing = listingOf(call);
  if (authorizeCall(world, listing).outcome !== 'deny') return [gone];
  const detail = `S3 answers 403 and not 404, as \`${call.principal}\` may not list the bucket: the key is not there`;
  return [{ code: 'missing-list-permission', ...place, detail }, gone];
}

/** The listing that decides whether a missing key is 404. */
export function listingOf(call: ApiCall): ApiCall {
  const { object: _, ...rest } = call;
  return { ...rest, operation: 'ListObjectsV2', input: { Bucket: call.input['Bucket'] } };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html */
function locked(world: World, { operation, input }: ApiCall, { lock, now }: Facts): Cause[] {
  if (lock === undefined) return [];
  const isDeletion = operation === 'DeleteObject' && input['VersionId'] !== undefined;
  if (!isDeletion && !weakens(operation, input, lock)) return [];
  const account = findBucket(world, String(input['Bucket']))?.account.id;
  const about = (detail: string): Cause[] => [
    { code: 'object-lock', ...(account !== undefined && { account }), detail },
  ];
  const name = `\`${String(input['Key'])}\``;
  if (isDeletion && lock.legalHold === true)
    return about(`a legal hold is on this version of ${name}: nobody can delete it`);
  if (lock.mode === undefined || lock.until === undefined || Date.parse(lock.until) <= Date.parse(now))
    return [];
  if (lock.mode === 'GOVERNANCE' && input['BypassGovernanceRetention'] === true) return [];
  const who = lock.mode === 'COMPLIANCE' ? 'nobody' : 'nobody who does not bypass it';
  const what = isDeletion ? 'delete it' : 'shorten that';
  return about(`this version of ${name} is retained until ${lock.until} (${lock.mode}): ${who} can ${what}`);
}

function weakens(
  operation: string,
  input: ApiCall['input'],
  { mode, until }: NonNullable<Facts['lock']>,
): boolean {
  if (operation !== 'PutObjectRetention') return false;
  const wanted = input['Retention'] as { Mode?: unknown; RetainUntilDate?: unknown } | undefined;
  if (wanted?.Mode !== mode) return true;
  return Date.parse(String(wanted?.RetainUntilDate)) < Date.parse(until ?? '');
}
