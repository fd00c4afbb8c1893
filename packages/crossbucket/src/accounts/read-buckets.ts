import type { AclGrant, BucketSnapshot, PublicAccessBlock } from '@crossbucket/policy';
import type { Grant, S3Client } from '@aws-sdk/client-s3';
import { asAwsError, statusOf } from './aws-error.ts';
import type { DocumentTexts } from './documents.ts';
import { ABSENT, foundOr, isFound, UNREAD, type Reading, type Readings } from './readings.ts';

type S3 = typeof import('@aws-sdk/client-s3');

interface Place {
  Bucket: string;
  ExpectedBucketOwner: string;
}

interface Settings {
  policy: Reading<string>;
  publicAccessBlock: Reading<PublicAccessBlock>;
  ownership: Reading<BucketSnapshot['ownership']>;
  encryption: Reading<BucketSnapshot['encryption']>;
  payment: Reading<string | undefined>;
}

/** Reads buckets of an account: policy, Block Public Access, ownership, ACL, encryption, payer; each once. */
export class BucketReader {
  readonly #readings: Readings;
  readonly #texts: DocumentTexts;
  #own: Promise<Reading<{ name: string; region: string | undefined }[]>> | undefined;
  #owner: string | undefined;

  constructor(readings: Readings, texts: DocumentTexts) {
    this.#readings = readings;
    this.#texts = texts;
  }

  /** The account's canonical user id, where a call has told it. */
  get owner(): string | undefined {
    return this.#owner;
  }

  /** Undefined where there is no such bucket, or where it is another account's or may be. */
  async read(name: string, knownRegion?: string): Promise<BucketSnapshot | undefined> {
    const region = knownRegion ?? (await this.#findRegion(name));
    if (region === undefined) return undefined;
    const { clients } = this.#readings.connection;
    const client = await clients.s3(region);
    const s3 = await import('@aws-sdk/client-s3');
    const at = { Bucket: name, ExpectedBucketOwner: this.#readings.connection.id };
    const settings = await this.#settings(s3, client, at);
    if (
      Object.values(settings).every((reading) => reading === UNREAD) &&
      (await this.#isOurs(name)) === false
    )
      return undefined;
    const { policy, publicAccessBlock, ownership, encryption, payment } = settings;
    const owned = isFound(ownership) ? ownership : ownership === ABSENT ? 'ObjectWriter' : undefined;
    const acl = owned === 'BucketOwnerEnforced' ? undefined : await this.#acl(s3, client, at);
    return {
      name,
      region,
      ...(isFound(policy) && {
        policy: {
          name: `bucket policy of ${name}`,
          document: this.#texts.parse(`bucket-policy ${name}`, policy),
        },
      }),
      ...(isFound(publicAccessBlock) && { publicAccessBlock }),
      ...(owned && { ownership: owned }),
      ...(acl && { acl }),
      ...(isFound(encryption) && encryption && { encryption }),
      ...(payment === 'Requester' && { requesterPays: true }),
    };
  }

  /** Names and regions of the account's buckets. */
  async list(): Promise<Reading<{ name: string; region: string | undefined }[]>> {
    this.#own ??= this.#list();
    return this.#own;
  }

  async #list(): Promise<Reading<{ name: string; region: string | undefined }[]>> {
    const { ListBucketsCommand } = await import('@aws-sdk/client-s3');
    const { clients, region } = this.#readings.connection;
    const client = await clients.s3(region);
    return this.#readings.readPages(
      { what: 'buckets', action: 's3:ListAllMyBuckets' },
      (ContinuationToken) => client.send(new ListBucketsCommand({ MaxBuckets: 1000, ContinuationToken })),
      ({ Buckets = [], ContinuationToken: next, Owner }) => {
        this.#owner = Owner?.ID ?? this.#owner;
        return {
          items: Buckets.map(({ Name, BucketRegion }) => ({ name: Name!, region: BucketRegion })),
          next,
        };
      },
    );
  }

  /** Whether there is a bucket of this name in any account: S3 tells everybody. True where nobody could tell. */
  async exists(name: string): Promise<boolean> {
    const { HeadBucketCommand } = await import('@aws-sdk/client-s3');
    const { clients, region } = this.#readings.connection;
    const client = await clients.s3(region);
    const answer = await this.#readings.read(
      { what: `bucket ${name}`, action: 's3:ListBucket', absent: ['NotFound', 'NoSuchBucket'] },
      () =>
        client.send(new HeadBucketCommand({ Bucket: name })).catch((error: unknown) => {
          if (statusOf(error) === 404) throw error;
        }),
    );
    return answer !== ABSENT;
  }

  async #isOurs(name: string): Promise<boolean | undefined> {
    const own = await this.list();
    if (isFound(own)) return own.some((bucket) => bucket.name === name);
    this.#readings.note({
      what: `bucket ${name}`,
      why: 'no permission to read it or to list the buckets',
      action: 's3:ListAllMyBuckets',
    });
    return undefined;
  }

  /** S3 tells a bucket's region to everybody, with any answer to a HEAD. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
  async #findRegion(name: string): Promise<string | undefined> {
    const { HeadBucketCommand } = await import('@aws-sdk/client-s3');
    const { clients, region } = this.#readings.connection;
    const client = await clients.s3(region);
    const answer = await this.#readings.read(
      { what: `bucket ${name}`, action: 's3:ListBucket' },
      async () => {
        try {
          const { BucketRegion = region } = await client.send(new HeadBucketCommand({ Bucket: name }));
          return BucketRegion;
        } catch (error) {
          const status = statusOf(error);
          const told = asAwsError(error).$response?.headers?.['x-amz-bucket-region'];
          if (status === 404) return undefined;
          if (told !== undefined) return told;
          if (status === 403) return region;
          throw error;
        }
      },
    );
    return foundOr(answer, undefined);
  }

  async #settings(s3: S3, client: S3Client, at: Place): Promise<Settings> {
    const name = at.Bucket;
    const readings = this.#readings;
    const [policy, publicAccessBlock, ownership, encryption, payment] = await Promise.all([
      readings.read(
        { what: `bucket-policy ${name}`, action: 's3:GetBucketPolicy', absent: ['NoSuchBucketPolicy'] },
        async () => (await client.send(new s3.GetBucketPolicyCommand(at))).Policy ?? '',
      ),
      readings.read(
        {
          what: `public-access-block ${name}`,
          action: 's3:GetBucketPublicAccessBlock',
          absent: ['NoSuchPublicAccessBlockConfiguration'],
        },
        async () => {
          const answer = await client.send(new s3.GetPublicAccessBlockCommand(at));
          return answer.PublicAccessBlockConfiguration as PublicAccessBlock;
        },
      ),
      readings.read(
        {
          what: `ownership ${name}`,
          action: 's3:GetBucketOwnershipControls',
          absent: ['OwnershipControlsNotFoundError'],
        },
        async () => {
          const answer = await client.send(new s3.GetBucketOwnershipControlsCommand(at));
          return answer.OwnershipControls?.Rules?.[0]?.ObjectOwnership as BucketSnapshot['ownership'];
        },
      ),
      readings.read(
        {
          what: `encryption ${name}`,
          action: 's3:GetEncryptionConfiguration',
          absent: ['ServerSideEncryptionConfigurationNotFoundError'],
        },
        async () => encryptionOf(await client.send(new s3.GetBucketEncryptionCommand(at))),
      ),
      readings.read(
        { what: `requester-pays ${name}`, action: 's3:GetBucketRequestPayment' },
        async () => (await client.send(new s3.GetBucketRequestPaymentCommand(at))).Payer,
      ),
    ]);
    return { policy, publicAccessBlock, ownership, encryption, payment };
  }

  async #acl(s3: S3, client: S3Client, at: Place) {
    const answer = await this.#readings.read({ what: `acl ${at.Bucket}`, action: 's3:GetBucketAcl' }, () =>
      client.send(new s3.GetBucketAclCommand(at)),
    );
    if (!isFound(answer)) return undefined;
    this.#owner ??= answer.Owner?.ID;
    return (answer.Grants ?? []).flatMap(aclGrantOf);
  }
}

function encryptionOf(answer: {
  ServerSideEncryptionConfiguration?:
    | import('@aws-sdk/client-s3').ServerSideEncryptionConfiguration
    | undefined;
}): BucketSnapshot['encryption'] {
  const [rule] = answer.ServerSideEncryptionConfiguration?.Rules ?? [];
  const { SSEAlgorithm: algorithm, KMSMasterKeyID: key } = rule?.ApplyServerSideEncryptionByDefault ?? {};
  if (algorithm === undefined) return undefined;
  return {
    algorithm: algorithm as NonNullable<BucketSnapshot['encryption']>['algorithm'],
    ...(key !== undefined && { key }),
    ...(rule?.BucketKeyEnabled !== undefined && { bucketKey: rule.BucketKeyEnabled }),
  };
}

const GROUPS: Record<string, 'AllUsers' | 'AuthenticatedUsers' | 'LogDelivery'> = {
  'http://acs.amazonaws.com/groups/global/AllUsers': 'AllUsers',
  'http://acs.amazonaws.com/groups/global/AuthenticatedUsers': 'AuthenticatedUsers',
  'http://acs.amazonaws.com/groups/s3/LogDelivery': 'LogDelivery',
};

export function aclGrantOf({ Grantee, Permission }: Grant): AclGrant[] {
  const permission = Permission as AclGrant['permission'];
  if (Grantee?.ID !== undefined) return [{ grantee: { canonicalUser: Grantee.ID }, permission }];
  const group = GROUPS[Grantee?.URI ?? ''];
  return group === undefined ? [] : [{ grantee: { group }, permission }];
}
