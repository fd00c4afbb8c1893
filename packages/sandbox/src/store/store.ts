import { mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SandboxError } from '../errors.ts';
import { iamArn, type EntityKind } from './arns.ts';
import { findAwsPolicy } from './aws-policies.ts';
import { Blobs } from './blobs.ts';
import { Bodies } from './bodies.ts';
import { Collection } from './collection.ts';
import { makeFolder } from './data-folder.ts';
import { Database } from './database.ts';
import { EventHistory } from './event-history.ts';
import { FolderLock } from './folder-lock.ts';
import { Objects } from './objects.ts';
import { TrailSpool } from './trail-spool.ts';
import { Uploads } from './uploads.ts';
import { notWritable } from './storage-errors.ts';
import type {
  AccessKeyRecord,
  AccessPointRecord,
  AccountRecord,
  BucketRecord,
  DeletionTaskRecord,
  DigestChainRecord,
  DigestKeyRecord,
  GroupRecord,
  InstanceProfileRecord,
  KeyAliasRecord,
  KeyRecord,
  ManagedPolicyRecord,
  MemberRecord,
  OrganizationPolicyRecord,
  OrganizationRecord,
  MfaDeviceRecord,
  OidcProviderRecord,
  RoleRecord,
  TrailRecord,
  TrailStatusRecord,
  UnitRecord,
  UserRecord,
} from './records.ts';

/** Everything that the sandbox remembers. */
export class Store {
  readonly folder: string;
  readonly blobs: Blobs;
  readonly bodies: Bodies;
  readonly accounts: Collection<AccountRecord>;
  /** By access key id. */
  readonly accessKeys: Collection<AccessKeyRecord>;
  /** By `entityKey`, as roles and managed policies. */
  readonly users: Collection<UserRecord>;
  readonly roles: Collection<RoleRecord>;
  readonly groups: Collection<GroupRecord>;
  readonly managedPolicies: Collection<ManagedPolicyRecord>;
  readonly instanceProfiles: Collection<InstanceProfileRecord>;
  /** By serial number. */
  readonly mfaDevices: Collection<MfaDeviceRecord>;
  /** By id. */
  readonly deletionTasks: Collection<DeletionTaskRecord>;
  /** By ARN. */
  readonly oidcProviders: Collection<OidcProviderRecord>;
  /** By name. */
  readonly buckets: Collection<BucketRecord>;
  /** By account and name: `ACCOUNT/NAME`. */
  readonly accessPoints: Collection<AccessPointRecord>;
  /** At most one, under the key `organization`. */
  readonly organization: Collection<OrganizationRecord>;
  /** By id. */
  readonly organizationUnits: Collection<UnitRecord>;
  /** By account id. */
  readonly organizationMembers: Collection<MemberRecord>;
  /** By id. */
  readonly organizationPolicies: Collection<OrganizationPolicyRecord>;
  /** By ARN, as aliases. */
  readonly keys: Collection<KeyRecord>;
  readonly keyAliases: Collection<KeyAliasRecord>;
  /** By ARN, as their status. */
  readonly trails: Collection<TrailRecord>;
  readonly trailStatus: Collection<TrailStatusRecord>;
  /** By `groupOf`. */
  readonly digestChains: Collection<DigestChainRecord>;
  /** By region and fingerprint: `REGION/FINGERPRINT`. */
  readonly digestKeys: Collection<DigestKeyRecord>;
  readonly trailSpool: TrailSpool;
  readonly eventHistory: EventHistory;
  readonly objects: Objects;
  readonly uploads: Uploads;
  /** Of everything but objects, uploads and the trail. */
  #revision = 0;
  #sessionKey: Buffer;
  readonly #database: Database;
  readonly #lock: FolderLock;
  readonly #temporary: boolean;
  /** The uppermost folder that `open` made. */
  readonly #made: string | undefined;

  private constructor(database: Database, { folder, lock, made, temporary }: LockedFolder) {
    this.folder = folder;
    this.#database = database;
    this.#lock = lock;
    this.#made = made;
    this.#temporary = temporary;
    this.blobs = new Blobs(folder, !temporary);
    const changed = (): void => {
      this.#revision += 1;
    };
    this.accounts = new Collection(database, 'accounts', changed);
    this.accessKeys = new Collection(database, 'access-keys', changed);
    this.users = new Collection(database, 'users', changed, ({ id }) => id);
    this.roles = new Collection(database, 'roles', changed, ({ id }) => id);
    this.groups = new Collection(database, 'groups', changed, ({ id }) => id);
    this.managedPolicies = new Collection(database, 'managed-policies', changed);
    this.instanceProfiles = new Collection(database, 'instance-profiles', changed);
    this.mfaDevices = new Collection(database, 'mfa-devices', changed);
    this.deletionTasks = new Collection(database, 'deletion-tasks', changed);
    this.oidcProviders = new Collection(database, 'oidc-providers', changed);
    this.buckets = new Collection(database, 'buckets', changed);
    this.accessPoints = new Collection(database, 'access-points', changed);
    this.organization = new Collection(database, 'organization', changed);
    this.organizationUnits = new Collection(database, 'organization-units', changed);
    this.organizationMembers = new Collection(database, 'organization-members', changed);
    this.organizationPolicies = new Collection(database, 'organization-policies', changed);
    this.keys = new Collection(database, 'keys', changed);
    this.keyAliases = new Collection(database, 'key-aliases', changed);
    this.trails = new Collection(database, 'trails', changed);
    this.trailStatus = new Collection(database, 'trail-status', changed);
    this.digestChains = new Collection(database, 'digest-chains', changed);
    this.digestKeys = new Collection(database, 'digest-keys', changed);
    this.trailSpool = new TrailSpool(database);
    this.eventHistory = new EventHistory(database);
    this.bodies = new Bodies(database, this.blobs);
    this.objects = new Objects(database, this.bodies);
    this.uploads = new Uploads(database, this.bodies);
    this.#sessionKey = readSessionKey(database);
    this.#sweepAfterKill();
  }

  /**
   * Opens a data folder, or a temporary one that `close` removes.
   * @throws SandboxError
   */
  static async open(folder?: string): Promise<Store> {
    const temporary = folder === undefined;
    const path = temporary ? mkdtempSync(join(tmpdir(), 'crossbucket-')) : resolve(folder);
    const locked = { ...(await lockFolder(path)), temporary };
    let database: Database | undefined;
    try {
      database = new Database(path, !temporary);
      return new Store(database, locked);
    } catch (error) {
      await database?.close();
      removeMade(temporary ? path : locked.made);
      await locked.lock.release();
      throw error;
    }
  }

  /** 32 bytes from which session tokens and their secrets are made. */
  get sessionKey(): Buffer {
    return this.#sessionKey;
  }

  /** Takes the key of another folder, from which a state comes: before anything is made of this one's. */
  restoreSessionKey(key: Buffer): void {
    this.#database.replaceMeta('session-key', this.#sessionKey.toString('hex'), key.toString('hex'));
    this.#sessionKey = key;
  }

  /** Changes with every change of an entity of any collection: with everything that decides, but for objects. */
  get revision(): number {
    return this.#revision;
  }

  /** Changes with every change of users, roles, groups and policies. */
  get principalsRevision(): number {
    return this.users.revision + this.roles.revision + this.groups.revision + this.managedPolicies.revision;
  }

  findUser(arn: string): UserRecord | undefined {
    return this.#find('user', this.users, arn);
  }

  findRole(arn: string): RoleRecord | undefined {
    return this.#find('role', this.roles, arn);
  }

  /** One of an account's, or of AWS's own. */
  findPolicy(arn: string): ManagedPolicyRecord | undefined {
    return findAwsPolicy(arn) ?? this.#find('policy', this.managedPolicies, arn);
  }

  /** The user or role of a unique id (`AIDA...`, `AROA...`). */
  principalById(id: string): UserRecord | RoleRecord | undefined {
    return this.users.byId(id) ?? this.roles.byId(id);
  }

  /** Names are unique in an account, whatever the path: so an ARN's last part finds its entity. */
  #find<V extends NamedRecord>(kind: EntityKind, collection: Collection<V>, arn: string): V | undefined {
    const account = arn.split(':', 5)[4] ?? '';
    const record = collection.get(entityKey(account, arn.slice(arn.lastIndexOf('/') + 1)));
    return record && iamArn(kind, record.account, record.path, record.name) === arn ? record : undefined;
  }

  /**
   * Throws if there is no room for a change of metadata; so a change of several records is never cut short.
   * @param urgent Of a change that makes room: a full disk must not keep it back.
   */
  requireRoom(urgent: boolean): void {
    this.#database.requireRoom(urgent ? 0 : ROOM_FOR_A_CHANGE, urgent);
  }

  /** Sets and deletes many entities at once. @throws SandboxError `DiskFull`, `StorageFailed` */
  changeMany(change: () => void): void {
    this.#database.writeInBulk(change);
  }

  /** Resolves when every change so far is stored; rejects if one could not be. */
  settled(): Promise<void> {
    return this.#database.settled();
  }

  async close(): Promise<void> {
    await this.#close(this.#temporary ? this.folder : undefined);
  }

  /** Closes it after a start that failed: what was not there before is gone again. */
  async abandon(): Promise<void> {
    await this.#close(this.#temporary ? this.folder : this.#made);
  }

  async #close(remove: string | undefined): Promise<void> {
    await this.#database.ended();
    this.#markClosed(true);
    await this.#database.close();
    // Before the lock is gone, after which the folder may be another's.
    removeMade(remove);
    await this.#lock.release();
  }

  #sweepAfterKill(): void {
    if (this.#database.getMeta('closed') === false) {
      const ids = new Set([...this.objects.files(), ...this.bodies.listedFiles(), ...this.uploads.files()]);
      this.blobs.sweep((id) => ids.has(id));
    }
    this.#markClosed(false);
  }

  #markClosed(closed: boolean): void {
    try {
      this.#database.replaceMeta('closed', this.#database.getMeta('closed'), closed);
    } catch {
      // Storage has failed: the next start sweeps, which is right then.
    }
  }
}

interface LockedFolder {
  folder: string;
  lock: FolderLock;
  made: string | undefined;
  temporary: boolean;
}

async function lockFolder(folder: string): Promise<Omit<LockedFolder, 'temporary'>> {
  try {
    const made = makeFolder(folder);
    return { folder, made, lock: await FolderLock.acquire(folder) };
  } catch (error) {
    throw error instanceof SandboxError ? error : notWritable(folder, error);
  }
}

function removeMade(folder: string | undefined): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

/** Names are told apart without regard to case. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export function entityKey(account: string, name: string): string {
  return `${account}/${name.toLowerCase()}`;
}

interface NamedRecord {
  account: string;
  path: string;
  name: string;
}

const ROOM_FOR_A_CHANGE = 262_144;

function readSessionKey(database: Database): Buffer {
  const stored = database.getMeta('session-key') as string | undefined;
  if (stored !== undefined) return Buffer.from(stored, 'hex');
  const key = randomBytes(32);
  database.replaceMeta('session-key', undefined, key.toString('hex'));
  return key;
}
