import { randomBytes } from 'node:crypto';
import type { AclGrant } from '@crossbucket/policy';
import type { BucketRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import { ALL_BLOCKED } from '../public-access-block.ts';
import type { Call, HandlersOf } from '../service.ts';
import { givesOthersAccess, isPublicAcl, readAcl, type AclInput } from './acl.ts';
import { canonicalIdOf, isCanonicalId } from './canonical-ids.ts';
import { invalidArgument, refuseMembers } from './errors.ts';
import { MOST_BUCKET_TAGS } from './configuration/bucket-tagging.ts';
import { aclWithOwnership, isOwnership } from './ownership.ts';
import { requireTags } from './tag-set.ts';

const DEFAULT_REGION = 'us-east-1';

export const bucketHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  CreateBucket(input, call) {
    const name = input.Bucket!;
    requireBucketName(name);
    refuseMembers(input.CreateBucketConfiguration ?? {}, {
      Location: 'Location',
      Bucket: 'Bucket',
    });
    const asked = input.CreateBucketConfiguration?.Tags ?? [];
    const tagging = asked.length > 0 ? requireTags(asked, MOST_BUCKET_TAGS, 'Bucket') : undefined;
    const ownership = readOwnership(input.ObjectOwnership);
    const acl = readNewAcl(input, ownership, call);
    const region = requireRegion(input.CreateBucketConfiguration?.LocationConstraint, call.region);
    const existing = call.store.buckets.get(name);
    if (existing && existing.account !== call.caller.account)
      throw new AwsError(
        'BucketAlreadyExists',
        'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
        { fields: { BucketName: name } },
      );
    // Making one's own bucket again succeeds in us-east-1 alone: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    if (existing && (existing.region !== DEFAULT_REGION || region !== DEFAULT_REGION))
      throw new AwsError(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
        { fields: { BucketName: name } },
      );
    if (!existing)
      call.store.buckets.set(name, {
        name,
        account: call.caller.account,
        region,
        created: call.clock.now(),
        id: randomBytes(8).toString('hex'),
        publicAccessBlock: ALL_BLOCKED,
        ...(ownership && { ownership }),
        ...(acl && { acl }),
        ...(tagging && { configurations: { tagging } }),
        ...(input.ObjectLockEnabledForBucket && { versioning: 'Enabled' as const, objectLock: {} }),
      });
    return { Location: `/${name}` };
  },

  async DeleteBucket(_, call) {
    const { name, id, versioning } = call.survey.bucket!;
    if (!call.store.objects.isEmpty(id))
      throw new AwsError(
        'BucketNotEmpty',
        `The bucket you tried to delete is not empty${versioning === undefined ? '' : '. You must delete all versions in the bucket.'}`,
        { fields: { BucketName: name } },
      );
    call.store.buckets.delete(name);
    // Uploads that are under way do not keep a bucket; who brings another part finds no bucket.
    await call.store.uploads.abortAll(id);
    return {};
  },

  HeadBucket(_, call) {
    const { region, name } = call.survey.bucket!;
    return { BucketRegion: region, BucketArn: `arn:aws:s3:::${name}`, AccessPointAlias: false };
  },

  GetBucketLocation(_, call) {
    const { region } = call.survey.bucket!;
    return region === DEFAULT_REGION ? {} : { LocationConstraint: region as never };
  },

  ListBuckets(input, call) {
    const prefix = input.Prefix ?? '';
    const limit = input.MaxBuckets ?? 10_000;
    if (limit < 1 || limit > 10_000)
      throw invalidArgument(
        'max-buckets',
        String(limit),
        'Argument max-buckets must be an integer between 1 and 10000.',
      );
    const after = input.ContinuationToken ? Buffer.from(input.ContinuationToken, 'base64').toString() : '';
    const own = [...call.store.buckets.values()]
      .filter(({ account }) => account === call.caller.account)
      .filter(
        ({ name, region }) =>
          name.startsWith(prefix) && (!input.BucketRegion || region === input.BucketRegion),
      )
      .filter(({ name }) => name > after)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const page = own.slice(0, limit);
    const paginated = input.MaxBuckets !== undefined || input.ContinuationToken !== undefined;
    return {
      Buckets: page.map(({ name, created, region }) => ({
        Name: name,
        CreationDate: new Date(created),
        ...(paginated && { BucketRegion: region }),
        BucketArn: `arn:aws:s3:::${name}`,
      })),
      Owner: { ID: canonicalIdOf(call, call.caller.account) },
      ...(own.length > page.length && {
        ContinuationToken: Buffer.from(page.at(-1)!.name).toString('base64'),
      }),
      ...(input.Prefix !== undefined && { Prefix: input.Prefix }),
    };
  },
};

type Ownership = NonNullable<BucketRecord['ownership']>;

function readOwnership(text: string | undefined): Ownership | undefined {
  if (text === undefined) return undefined;
  if (isOwnership(text)) return text;
  throw invalidArgument('x-amz-object-ownership', text, 'Invalid x-amz-object-ownership header: ' + text);
}

/** The ACL that a new bucket is to have: none where its ownership disables ACLs, and none that is public. */
function readNewAcl(input: AclInput, ownership: Ownership | undefined, call: Call): AclGrant[] | undefined {
  const owner = canonicalIdOf(call, call.caller.account);
  const parties = { owner, bucketOwner: owner, isKnown: (id: string) => isCanonicalId(call, id) };
  const acl = readAcl(input, parties);
  if (!givesOthersAccess(acl, owner)) return undefined;
  if (ownership === undefined || ownership === 'BucketOwnerEnforced') throw aclWithOwnership();
  if (!isPublicAcl(acl!)) return acl;
  throw new AwsError(
    'InvalidBucketAclWithBlockPublicAccessError',
    'Bucket cannot have public ACLs set with BlockPublicAccess enabled',
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function requireBucketName(name: string): void {
  const shaped = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !/\.\.|\.-|-\./.test(name);
  const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(name);
  const reserved = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name);
  if (shaped && !isAddress && !reserved) return;
  throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', {
    fields: { BucketName: name },
  });
}

/** The region of a new bucket: its location constraint must fit the region that the request was sent to. */
function requireRegion(constraint: string | undefined, requestRegion: string): string {
  const region = constraint === 'EU' ? 'eu-west-1' : constraint;
  if (region === undefined && requestRegion === DEFAULT_REGION) return DEFAULT_REGION;
  if (region === DEFAULT_REGION || (region !== undefined && !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)))
    throw new AwsError('InvalidLocationConstraint', 'The specified location-constraint is not valid', {
      fields: { LocationConstraint: constraint! },
    });
  if (region === undefined || (requestRegion !== DEFAULT_REGION && region !== requestRegion))
    throw new AwsError(
      'IllegalLocationConstraintException',
      `The ${constraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
  return region;
}
