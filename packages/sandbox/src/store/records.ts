import type { AclGrant, PublicAccessBlock } from '@crossbucket/policy';

/** What the store keeps: plain data, one type for each table. Times are milliseconds since 1970. */
export interface AccountRecord {
  id: string;
  name: string;
  /** S3's 64-digit canonical user id. */
  canonicalId: string;
  created?: number;
  /** When its organization closed it. */
  closed?: number;
  alias?: string;
  /** Regions where STS gives no credentials of the account. */
  disabledRegions?: string[];
  /** Block Public Access of the whole account. */
  publicAccessBlock?: PublicAccessBlock;
}

export interface AccessKeyRecord {
  id: string;
  secret: string;
  account: string;
  /** Name of the user; without it, the key is the account root's. */
  user?: string;
  status: 'Active' | 'Inactive';
  created: number;
}

/** Name of an inline policy or ARN of an attached one. */
interface Policies {
  /** Document text by policy name. */
  inline: Record<string, string>;
  attached: string[];
}

export interface TagRecord {
  Key: string;
  Value: string;
}

export interface UserRecord extends Policies {
  account: string;
  name: string;
  path: string;
  /** `AIDA...` */
  id: string;
  created: number;
  tags: TagRecord[];
  /** ARN of the managed policy that is its permissions boundary. */
  boundary?: string;
  /** Ids of its groups. */
  groups?: string[];
}

export interface GroupRecord extends Policies {
  account: string;
  name: string;
  path: string;
  /** `AGPA...` */
  id: string;
  created: number;
}

/** A virtual MFA device. */
export interface MfaDeviceRecord {
  account: string;
  name: string;
  path: string;
  /** Its ARN. */
  serial: string;
  /** In base 32. */
  seed: string;
  created: number;
  tags: TagRecord[];
  /** Name of the user that it is enabled for. */
  user?: string;
  enabled?: number;
  /** The latest time step whose code was used: no code counts twice. */
  lastStep?: number;
  /** Time steps that its clock is ahead. */
  drift?: number;
}

export interface OidcProviderRecord {
  account: string;
  arn: string;
  /** Without its scheme, as in the ARN. */
  url: string;
  clientIds: string[];
  thumbprints: string[];
  created: number;
  tags: TagRecord[];
}

export interface InstanceProfileRecord {
  account: string;
  name: string;
  path: string;
  /** `AIPA...` */
  id: string;
  created: number;
  tags: TagRecord[];
  /** Name of the role that it holds. */
  role?: string;
}

/** A deletion of a service-linked role that was done. */
export interface DeletionTaskRecord {
  /** `task/aws-service-role/SERVICE/ROLE/UUID` */
  id: string;
  account: string;
}

/** Unique ids of the users and roles that a document names, by the ARN that it names them by. */
export type PrincipalIds = Record<string, string>;

export interface RoleRecord extends Policies {
  account: string;
  name: string;
  path: string;
  /** `AROA...` */
  id: string;
  created: number;
  /** Document text. */
  trust: string;
  trustPrincipals?: PrincipalIds;
  /** ARN of the managed policy that is its permissions boundary. */
  boundary?: string;
  description?: string;
  /** In seconds. */
  maxSessionDuration: number;
  tags: TagRecord[];
}

export interface ManagedPolicyRecord {
  /** Account id, or `aws` for AWS's own. */
  account: string;
  name: string;
  path: string;
  /** `ANPA...` */
  id: string;
  created: number;
  updated: number;
  description?: string;
  tags: TagRecord[];
  versions: { id: string; text: string; created: number }[];
  defaultVersion: string;
}

export interface BucketRecord {
  name: string;
  account: string;
  region: string;
  created: number;
  /** Eight bytes in hexadecimal: the prefix of its objects' keys, so that a bucket made anew starts empty. */
  id: string;
  /** Document text. */
  policy?: string;
  policyPrincipals?: PrincipalIds;
  publicAccessBlock: PublicAccessBlock;
  /** Without it, BucketOwnerEnforced, as of every new bucket; `unset` once it was deleted. */
  ownership?: 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter' | 'unset';
  /** Without it, full control for the owner. */
  acl?: AclGrant[];
  /** Without it, SSE-S3 by default and no SSE-C. */
  encryption?: BucketEncryptionRecord;
  requesterPays?: true;
  /** Without it, versioning was never turned on. */
  versioning?: 'Enabled' | 'Suspended';
  /** Of a bucket with object lock; it may have a default retention. */
  objectLock?: { retention?: DefaultRetentionRecord };
  lifecycle?: LifecycleRecord;
  /** Kept and given back, by kind: `cors`, `website`, ... */
  configurations?: Readonly<Record<string, unknown>>;
  /** The same, of kinds of which a bucket has many: by kind and id. */
  configurationsById?: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

export interface LifecycleRecord {
  rules: LifecycleRuleRecord[];
  /** What the client chose of `x-amz-transition-default-minimum-object-size`. */
  minimumSize: string;
}

export interface LifecycleRuleRecord {
  id: string;
  enabled: boolean;
  /** Which objects it is for. */
  filter: LifecycleFilterRecord;
  /** How the filter was written: as a bare prefix, as one thing, or as several. */
  written: 'Prefix' | 'Filter' | 'And';
  /** `markers`: whether delete markers go that hide nothing any more. */
  expiration?: { days: number } | { date: number } | { markers: boolean };
  /** Of versions that are not the current one: days since, and how many of them stay in any case. */
  noncurrent?: { days: number; keep?: number };
  /** Days after which an upload in parts is given up. */
  abortDays?: number;
  /** As the SDK has them, with dates in milliseconds; kept and not applied. */
  transitions?: { Days?: number; Date?: number; StorageClass: string }[];
  noncurrentTransitions?: {
    NoncurrentDays?: number;
    NewerNoncurrentVersions?: number;
    StorageClass: string;
  }[];
}

export interface LifecycleFilterRecord {
  prefix?: string;
  tags?: Record<string, string>;
  /** In bytes, itself excluded. */
  largerThan?: number;
  smallerThan?: number;
}

export type LockMode = 'GOVERNANCE' | 'COMPLIANCE';

export interface DefaultRetentionRecord {
  mode: LockMode;
  unit: 'Days' | 'Years';
  count: number;
}

/** What keeps a version from being deleted. */
export interface LockRecord {
  retention?: { mode: LockMode; until: number };
  /** Without it, none was ever set. */
  legalHold?: 'ON' | 'OFF';
}

export interface BucketEncryptionRecord {
  algorithm: 'AES256' | 'aws:kms' | 'aws:kms:dsse';
  /** Key id, alias or ARN, as it was given. */
  key?: string;
  bucketKey: boolean;
  blocksCustomerKeys: boolean;
}

/** A symmetric key of KMS. */
export interface KeyRecord {
  arn: string;
  account: string;
  region: string;
  id: string;
  created: number;
  description: string;
  managedBy: 'AWS' | 'CUSTOMER';
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  /** Of a key that is pending deletion: when it goes. */
  deletion?: number;
  /** Document text. */
  policy: string;
  policyPrincipals?: PrincipalIds;
  tags: { TagKey: string; TagValue: string }[];
  /** `alias/...` */
  aliases: string[];
  grants: GrantRecord[];
  /** 32 bytes, in base64. */
  material: string;
  /** How the material came in, unless the key was made with it. */
  rotated?: RotationRecord;
  /** Material of before its rotations, oldest first. */
  older?: { material: string; rotated?: RotationRecord }[];
  /** Automatic rotation, where it is on: every so many days. */
  rotation?: { period: number; next: number };
}

export interface RotationRecord {
  time: number;
  type: 'AUTOMATIC' | 'ON_DEMAND';
}

export interface KeyAliasRecord {
  arn: string;
  account: string;
  region: string;
  /** `alias/...` */
  name: string;
  /** ARN of the key. */
  key: string;
  created: number;
  updated: number;
}

export interface GrantRecord {
  id: string;
  token: string;
  created: number;
  name?: string;
  /** ARN of a principal, as the retiring one. */
  grantee: string;
  retiring?: string;
  principals?: PrincipalIds;
  /** Account whose principal made it. */
  issuer: string;
  /** `Decrypt`, `GenerateDataKey`, ... */
  operations: string[];
  /** What encryption contexts must have in them, or be. */
  contextSubset?: Record<string, string>;
  contextEquals?: Record<string, string>;
}

export interface ObjectEncryptionRecord {
  /** `customer`: under a key that comes with each request, and is not kept. */
  algorithm: BucketEncryptionRecord['algorithm'] | 'customer';
  /** ARN of the key of KMS. */
  key?: string;
  /** True where KMS knows the data key by the bucket's ARN, not the object's. */
  bucketKey?: true;
  /** Pairs of the encryption context that the writer gave. */
  context?: Record<string, string>;
  /** The key of the body, encrypted, in base64. */
  dataKey: string;
}

/** Where a body is: in the table of small bodies, in a file, or in the bodies of the parts of a list. */
export interface BodyRecord {
  id: string;
  place: 'table' | 'file' | 'parts';
}

/** A part of an object that was uploaded in parts. */
export interface StoredPart {
  /** In bytes, before encryption. */
  size: number;
  /** Without it, the part is empty. */
  body?: BodyRecord;
  /** By the SDK's member name: `{ChecksumCRC32: '...'}`. Of a part of an object, if the upload asked for one. */
  checksum?: Record<string, string>;
}

/** A part of an upload that is under way. */
export interface PartRecord extends StoredPart {
  /** 1 to 10,000. */
  number: number;
  /** Without quotes. */
  etag: string;
  modified: number;
  /** A checksum of another algorithm than the upload's, that came with the part. */
  stated?: Record<string, string>;
}

/** An upload in parts that is under way. */
export interface UploadRecord {
  /** 64 hexadecimal digits, in the order in which uploads begin. */
  id: string;
  /** Id of the bucket. */
  bucket: string;
  key: string;
  /** When it began. */
  initiated: number;
  initiator: { arn: string; account: string; userId: string };
  /** What its headers said of the object to come. */
  object: Pick<ObjectRecord, 'owner' | 'acl' | 'headers' | 'metadata' | 'tags' | 'storageClass' | 'lock'>;
  encryption: ObjectEncryptionRecord;
  checksum: UploadChecksum;
}

/** What is computed of the parts of an upload, and of the whole from that. */
export interface UploadChecksum {
  /** As the SDK names it. */
  algorithm: string;
  type: 'COMPOSITE' | 'FULL_OBJECT';
  /** False where the client asked for none, and S3 chose. */
  asked: boolean;
}

export interface ObjectRecord {
  /** Account that wrote it, or to which it was handed over. */
  owner: string;
  /** Without it, full control for the owner. */
  acl?: AclGrant[];
  /** How its body is encrypted; without it, the body is stored as it came, as formats before the second did. */
  encryption?: ObjectEncryptionRecord;
  /** In bytes, before encryption. */
  size: number;
  /** With its quotes. */
  etag: string;
  modified: number;
  /** Without it, the object is empty. */
  body?: BodyRecord;
  /** System headers by the SDK's member name: `ContentType`, `CacheControl`, ... */
  headers: Record<string, string>;
  metadata: Record<string, string>;
  tags?: Record<string, string>;
  /** By the SDK's member name: `{ChecksumCRC32: '...'}`. */
  checksum?: Record<string, string>;
  /** Without it, the checksum is of the whole; `COMPOSITE` is one of the checksums of parts. */
  checksumType?: 'COMPOSITE';
  storageClass?: string;
  /** Of an archived object: until when a copy of it may be read. */
  restoredUntil?: number;
  lock?: LockRecord;
  /** Id of the version; without it, the version is `null`. */
  version?: string;
  /** Place among the versions of its key, the newest having the highest; without it, it is the first. */
  sequence?: number;
  deleteMarker?: undefined;
}

/** Stands for a deletion among the versions of a key. */
export interface DeleteMarkerRecord {
  deleteMarker: true;
  /** Account that deleted. */
  owner: string;
  modified: number;
  version?: string;
  sequence: number;
}

export type VersionRecord = ObjectRecord | DeleteMarkerRecord;

export type OrganizationPolicyType = 'SERVICE_CONTROL_POLICY' | 'RESOURCE_CONTROL_POLICY' | 'S3_POLICY';

export interface OrganizationRecord {
  /** `o-...` */
  id: string;
  /** Account id. */
  management: string;
  /** `r-...` */
  root: string;
  /** Policy types that are turned on. */
  enabled: OrganizationPolicyType[];
  created: number;
  /** Of the root. */
  tags?: TagRecord[];
  /** Services of AWS that have access to the organization. */
  services?: { principal: string; enabled: number }[];
  delegations?: { account: string; service: string; enabled: number }[];
  resourcePolicy?: OrganizationResourcePolicyRecord;
  /** Every account that was to be created, and what came of it. */
  accountRequests?: AccountRequestRecord[];
  handshakes?: HandshakeRecord[];
}

/** An invitation to join. */
export interface HandshakeRecord {
  /** `h-...` */
  id: string;
  /** Who is invited. */
  account: string;
  state: 'OPEN' | 'ACCEPTED' | 'DECLINED' | 'CANCELED' | 'EXPIRED';
  requested: number;
  expires: number;
  notes?: string;
  /** That the account is to have as a member. */
  tags: TagRecord[];
}

export interface OrganizationResourcePolicyRecord {
  /** `rp-...` */
  id: string;
  /** Document text. */
  text: string;
  tags: TagRecord[];
}

export interface AccountRequestRecord {
  /** `car-...` */
  id: string;
  name: string;
  /** Of the account, where it was created. */
  account?: string;
  /** Why it was not. */
  failure?: 'EMAIL_ALREADY_EXISTS';
  time: number;
}

export interface UnitRecord {
  /** `ou-...` */
  id: string;
  name: string;
  /** Id of the root or of a unit. */
  parent: string;
  tags?: TagRecord[];
}

/** An account's place in the organization. */
export interface MemberRecord {
  account: string;
  /** Id of the root or of a unit. */
  parent: string;
  joined: number;
  method: 'INVITED' | 'CREATED';
  /** Of an account that the organization has created. */
  name?: string;
  email?: string;
  tags?: TagRecord[];
}

export interface OrganizationPolicyRecord {
  /** `p-...` */
  id: string;
  name: string;
  description: string;
  type: OrganizationPolicyType;
  awsManaged: boolean;
  /** Document text. */
  text: string;
  /** Ids of roots, units and accounts that it is attached to. */
  targets: string[];
  /** By target: in which order its policies were attached. */
  order?: Record<string, number>;
  /** When it was last changed, attached or detached. */
  updated?: number;
  tags?: TagRecord[];
}

export interface AccessPointRecord {
  name: string;
  account: string;
  region: string;
  bucket: string;
  /** Account that owns the bucket. */
  bucketAccount: string;
  /** Stands for the access point where a bucket's name is asked. */
  alias: string;
  created: number;
  /** VPC that alone may use it. */
  vpc?: string;
  /** Document text. */
  policy?: string;
  policyPrincipals?: PrincipalIds;
  publicAccessBlock: PublicAccessBlock;
}

/** A trail of CloudTrail's. */
export interface TrailRecord {
  arn: string;
  account: string;
  /** Where it was made. */
  region: string;
  name: string;
  created: number;
  bucket: string;
  /** Of the keys of its files, without a slash at the end. */
  prefix?: string;
  multiRegion: boolean;
  /** Whether events of services without regions are delivered. */
  globalEvents: boolean;
  /** Whether digest files are delivered. */
  validation: boolean;
  organization?: true;
  /** Whether CloudTrail's own deliveries are events of it. */
  recursive: boolean;
  tags: TagRecord[];
  /** As the SDK has them. Without both, all management events and no others. */
  selectors?: EventSelectorRecord[];
  advanced?: AdvancedSelectorRecord[];
  logging: boolean;
  started?: number;
  stopped?: number;
  /** Request id of the StopLogging that it still records. */
  stoppedBy?: string;
}

export interface EventSelectorRecord {
  ReadWriteType: 'All' | 'ReadOnly' | 'WriteOnly';
  IncludeManagementEvents: boolean;
  DataResources: { Type: string; Values: string[] }[];
  ExcludeManagementEventSources: string[];
}

export interface AdvancedSelectorRecord {
  Name?: string;
  FieldSelectors: FieldSelectorRecord[];
}

export interface FieldSelectorRecord {
  Field: string;
  Equals?: string[];
  StartsWith?: string[];
  EndsWith?: string[];
  NotEquals?: string[];
  NotStartsWith?: string[];
  NotEndsWith?: string[];
}

/** What came of the latest deliveries of a trail. */
export interface TrailStatusRecord {
  arn: string;
  delivered?: number;
  error?: string;
  digested?: number;
  digestError?: string;
}

/** The digest files of a trail for one account and region, each of which names the one before. */
export interface DigestChainRecord {
  arn: string;
  account: string;
  region: string;
  /** Where the next digest begins. */
  start: number;
  /** The latest; without it, the next is a starting one. */
  previous?: { bucket: string; key: string; hash: string; signature: string };
}

/** A pair of RSA keys that signs the digest files of a region. */
export interface DigestKeyRecord {
  region: string;
  /** MD5 of the public key, in hexadecimal. */
  fingerprint: string;
  /** PKCS#1, DER, in base64. */
  publicKey: string;
  /** PKCS#8, DER, in base64. */
  privateKey: string;
  validFrom: number;
  validTo: number;
}
