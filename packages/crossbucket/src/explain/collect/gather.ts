import {
  authorizationsFor,
  parseCopySource,
  type ApiCall,
  type BucketSnapshot,
  type NamedPolicy,
  type ObjectFacts,
  type World,
} from '@crossbucket/policy';
import { readWorld, type AccountReader, type ObjectReading } from '../../accounts/index.ts';
import { callsOf, type Facts, type Situation } from '../core/situation.ts';

/** What was read of the accounts that a path goes through. */
export interface Gathered {
  world: World;
  facts: Pick<
    Facts,
    'bucketMissing' | 'objectMissing' | 'lock' | 'otherBuckets' | 'managedPolicies' | 'holders'
  >;
  /** What the calls need to know of objects; by position in the path. */
  objects: Map<number, Pick<ApiCall, 'object' | 'copySource'>>;
}

/** Readers by account id, the best first. */
export type Readers = ReadonlyMap<string, readonly AccountReader[]>;

/** Reads every document that has a say on the path, each once and at the same time as the others. */
export async function gather(
  situation: Pick<Situation, 'caller' | 'calls' | 'facts'>,
  readers: Readers,
  endpoints: World['endpoints'] = {},
): Promise<Gathered> {
  const calls = callsOf({ ...situation, world: { accounts: {} } });
  const [buckets] = await Promise.all([
    findBuckets(calls, readers),
    Promise.all(calls.map((call) => readPrincipals(call, readers))),
  ]);
  const objects = new Map<number, Pick<ApiCall, 'object' | 'copySource'>>();
  const facts: Gathered['facts'] = {};
  await Promise.all(
    calls.map((call, index) => readThings(call, index, { readers, buckets, objects, facts })),
  );
  const chosen = [...readers.values()].map(leastUnknown);
  const world = await readWorld(chosen, endpoints);
  if (buckets.missing) facts.bucketMissing = true;
  facts.otherBuckets = buckets.names;
  facts.holders = holdersIn(world, chosen);
  return { world, facts, objects };
}

/** Several profiles of an account may see different things: the one that sees most is the one to believe. */
const leastUnknown = (readers: readonly AccountReader[]): AccountReader =>
  readers.toSorted((a, b) => (a.snapshot().unknown?.length ?? 0) - (b.snapshot().unknown?.length ?? 0))[0]!;

/** Asks one profile of an account after the other, until one sees everything. */
async function inTurn<T>(
  readers: readonly AccountReader[] | undefined,
  read: (reader: AccountReader) => Promise<T>,
): Promise<T | undefined> {
  let answer: T | undefined;
  for (const reader of readers ?? []) {
    answer = await read(reader);
    if (reader.snapshot().unknown === undefined) return answer;
  }
  return answer;
}

const accountOf = (arn: string): string => arn.split(':')[4] ?? '';

async function readPrincipals({ principal, session, input }: ApiCall, readers: Readers): Promise<void> {
  const arns = [
    principal,
    ...(session?.federatedBy === undefined ? [] : [session.federatedBy]),
    ...(typeof input['RoleArn'] === 'string' ? [input['RoleArn']] : []),
  ];
  await Promise.all(
    arns.map((arn) => inTurn(readers.get(accountOf(arn)), (reader) => reader.principal(arn))),
  );
}

interface FoundBuckets {
  /** Account ids by the bucket's name. */
  owners: Map<string, string>;
  missing: boolean;
  /** Names of buckets that there are. */
  names: string[];
}

/** Whose buckets these are. */
async function findBuckets(calls: readonly ApiCall[], readers: Readers): Promise<FoundBuckets> {
  const wanted = new Set(calls.flatMap(bucketsIn));
  const owners = new Map<string, string>();
  if (wanted.size === 0) return { owners, missing: false, names: [] };
  const listed = await Promise.all(
    [...readers].map(async ([id, list]) => ({
      id,
      list,
      names: await inTurn(list, (reader) => reader.bucketNames()),
    })),
  );
  const names = listed.flatMap((account) => account.names ?? []);
  let missing = false;
  await Promise.all(
    [...wanted].map(async (name) => {
      const owner = listed.find((account) => account.names?.includes(name));
      const candidates = owner ? [owner] : listed.filter((account) => account.names === undefined);
      for (const { id, list } of candidates) {
        const bucket = await inTurn(list, (reader) => reader.bucket(name));
        if (bucket === undefined) continue;
        // A profile without any right sees as little of its own account's buckets as of others'.
        if (list.every((reader) => reader.isUnclaimed(name))) for (const reader of list) reader.disown(name);
        else owners.set(name, id);
      }
      if (!owners.has(name) && !(await exists(name, readers))) missing = true;
    }),
  );
  return { owners, missing, names };
}

/** S3 tells everybody whether there is a bucket of a name. */
async function exists(name: string, readers: Readers): Promise<boolean> {
  const [first] = [...readers.values()].flat();
  if (first === undefined) return true;
  return first.bucketExists(name);
}

function bucketsIn({ service, input }: ApiCall): string[] {
  if (service !== 's3') return [];
  const source =
    typeof input['CopySource'] === 'string'
      ? input['CopySource'].replace(/^\//, '').split('/')[0]
      : undefined;
  const { Bucket } = input;
  return [Bucket, source].filter(
    (name): name is string => typeof name === 'string' && name !== '' && !name.startsWith('arn:'),
  );
}

interface Reading {
  readers: Readers;
  buckets: FoundBuckets;
  objects: Gathered['objects'];
  facts: Gathered['facts'];
}

/** What a call is about: its bucket, object, key, and the settings around them. */
async function readThings(call: ApiCall, index: number, reading: Reading): Promise<void> {
  const { readers, buckets } = reading;
  if (call.service === 'kms') await readKey(String(call.input['KeyId']), '', reading);
  await readManagedPolicies(call, reading);
  if (call.service !== 's3') return;
  const name = String(call.input['Bucket'] ?? '');
  const point = name.startsWith('arn:')
    ? await inTurn(readers.get(accountOf(name)), (reader) => reader.accessPoint(name))
    : undefined;
  const bucketName = point?.bucket ?? name;
  if (point === undefined && isPointMissing(name, readers)) reading.facts.bucketMissing = true;
  const owner = point === undefined ? buckets.owners.get(name) : accountOf(point.arn);
  if (owner === undefined) return;
  await Promise.all([
    inTurn(readers.get(owner), (reader) => reader.publicAccessBlock()),
    readBucketAndObject(call, bucketName, owner, index, reading),
  ]);
}

/** Whether an access point was looked for in its account, and is not there. */
function isPointMissing(arn: string, readers: Readers): boolean {
  const [reader] = arn.startsWith('arn:') ? (readers.get(accountOf(arn)) ?? []) : [];
  return reader !== undefined && !(reader.snapshot().unknown ?? []).some(({ what }) => what.endsWith(arn));
}

async function readBucketAndObject(
  call: ApiCall,
  bucketName: string,
  owner: string,
  index: number,
  reading: Reading,
): Promise<void> {
  const { readers, objects, facts } = reading;
  const bucket = await inTurn(readers.get(owner), (reader) => reader.bucket(bucketName));
  if (bucket === undefined) return;
  const object = await readObject(call, bucket, owner, readers);
  if (object?.exists === false) facts.objectMissing = true;
  if (object?.lock) facts.lock = object.lock;
  const source = await readSource(call, reading);
  const known: ReturnType<Gathered['objects']['get']> = {
    ...(object && { object: await factsOf(object, readers) }),
    ...(source && { copySource: await factsOf(source, readers) }),
  };
  objects.set(index, known);
  const needs = authorizationsFor({
    ...call,
    ...known,
    ...(bucket.encryption && { bucketEncryption: bucket.encryption }),
  });
  const keys = needs.filter(({ action }) => action.startsWith('kms:')).map(({ resource }) => resource);
  await Promise.all([...new Set(keys)].map((key) => readKey(key, bucket.region, reading)));
}

async function readObject(
  { input, operation }: ApiCall,
  { name, region, ownership }: BucketSnapshot,
  owner: string,
  readers: Readers,
): Promise<ObjectReading | undefined> {
  const { Key: key, VersionId } = input;
  if (typeof key !== 'string' || WRITES.has(operation)) return undefined;
  const versionId = typeof VersionId === 'string' && VersionId !== 'null' ? VersionId : undefined;
  const acl = ownership !== undefined && ownership !== 'BucketOwnerEnforced';
  const tags = mentions(readers, 'ExistingObjectTag');
  return inTurn(readers.get(owner), (reader) =>
    reader.object({ bucket: name, key, versionId, region, acl, tags }),
  );
}

/** Whether any document that has been read speaks of something. */
const mentions = (readers: Readers, word: string): boolean =>
  [...readers.values()].flat().some((reader) => JSON.stringify(reader.snapshot()).includes(word));

/** The object that a copy reads. */
async function readSource(
  { input }: ApiCall,
  { readers, buckets }: Reading,
): Promise<ObjectReading | undefined> {
  const source = typeof input['CopySource'] === 'string' ? parseCopySource(input['CopySource']) : undefined;
  const owner = buckets.owners.get(source?.bucket ?? '');
  const bucket =
    owner === undefined
      ? undefined
      : await inTurn(readers.get(owner), (reader) => reader.bucket(source!.bucket));
  if (source === undefined || owner === undefined || bucket === undefined) return undefined;
  const { key: Key, versionId: VersionId } = source;
  return readObject(
    { service: 's3', principal: '*', operation: 'GetObject', input: { Key, VersionId } },
    bucket,
    owner,
    readers,
  );
}

async function factsOf({ facts, owner }: ObjectReading, readers: Readers): Promise<ObjectFacts> {
  return owner === undefined ? facts : { ...facts, owner: await accountOfCanonical(owner, readers) };
}

/** Whoever writes an object need not find one. */
const WRITES = new Set(['PutObject', 'CreateMultipartUpload', 'CopyObject']);

async function accountOfCanonical(canonical: string, readers: Readers): Promise<string> {
  for (const [id, list] of readers) {
    for (const reader of list) if (reader.snapshot().canonicalId === canonical) return id;
  }
  // Somebody else, whoever it is.
  return canonical;
}

async function readKey(key: string, region: string, { readers }: Reading): Promise<void> {
  const account = accountOf(key);
  if (account !== '') await inTurn(readers.get(account), (reader) => reader.key(key, region));
}

async function readManagedPolicies({ input }: ApiCall, { readers, facts }: Reading): Promise<void> {
  const arns = Array.isArray(input['PolicyArns']) ? (input['PolicyArns'] as { arn?: string }[]) : [];
  const account = accountOf(String(input['RoleArn'] ?? ''));
  for (const { arn } of arns) {
    if (arn === undefined) continue;
    const policy = await inTurn(readers.get(account), (reader) => reader.managedPolicy(arn));
    if (policy !== undefined) facts.managedPolicies = { ...facts.managedPolicies, [arn]: policy };
  }
}

function holdersIn({ accounts }: World, readers: readonly AccountReader[]): NonNullable<Facts['holders']> {
  const holders = new Map<NamedPolicy, { kind: 'user' | 'role' | 'group'; name: string }[]>();
  for (const reader of readers) {
    const principals = Object.values(accounts[reader.connection.id]?.principals ?? {});
    for (const policy of principals.flatMap(({ policies }) => policies)) {
      const found = reader.holdersOf(policy);
      if (found.length > 0) holders.set(policy, found);
    }
  }
  return holders;
}
