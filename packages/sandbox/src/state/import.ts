import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { canonicalIdOf } from '../config/seed.ts';
import { SandboxError } from '../errors.ts';
import { ONLY } from '../services/organizations/changes.ts';
import type { AccountRecord, OrganizationRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { asMembers, list, object, StateProblem, type Place } from './codec.ts';
import { STATE_VERSION } from './export.ts';
import { readPlainState } from './read.ts';
import { importObjects, version, type StateVersion } from './objects.ts';
import { account, SECTIONS } from './schema.ts';
import { makeAccessKeyId } from './schema/iam.ts';
import { member, organization, organizationPolicy, unit } from './schema/organization.ts';

type Members = Record<string, unknown>;

/** A state that was read and checked, ready to be stored. */
export interface SandboxState {
  sessionKey: string | undefined;
  accounts: AccountRecord[];
  /** By section: records with the keys that they are stored under. */
  records: { section: (typeof SECTIONS)[number]; key: string; record: object }[];
  organization:
    | { record: OrganizationRecord; units: Members[]; members: Members[]; policies: Members[] }
    | undefined;
  objects: StateVersion[];
}

const accountCodec = object(account);
const sections = SECTIONS.map((section) => ({ section, codec: object(section.fields) }));
const organizationCodec = object(organization);
const TOP = new Set(['state', 'secrets', 'accounts', 'organization', 'objects']);

/**
 * Reads a state file, all of it, before anything is stored.
 * @param path What errors call it.
 * @throws SandboxError `InvalidState`, with line and column.
 */
export function parseState(text: string, path: string): SandboxState {
  const value = readPlainState(text) ?? readYaml(text, path);
  try {
    return decode(value);
  } catch (error) {
    if (!(error instanceof StateProblem)) throw error;
    throw invalid(locate(text, path, error.place), describe(error), error.help);
  }
}

function decode(value: unknown): SandboxState {
  const top = asMembers(value, []);
  requireVersion(top['state']);
  const unknown = Object.keys(top).find((name) => !TOP.has(name));
  if (unknown !== undefined)
    throw new StateProblem([unknown], `there is no \`${unknown}\` here`, `known are ${[...TOP].join(', ')}`);
  const records: SandboxState['records'] = [];
  const accounts = decodeList(top['accounts'] ?? [], ['accounts'], (item, place) =>
    decodeAccount(asMembers(item, place), place, records),
  );
  const state: SandboxState = {
    sessionKey: decodeSessionKey(top['secrets']),
    accounts,
    records,
    organization: decodeOrganization(top['organization']),
    objects: list(object(version)).decode(top['objects'] ?? [], ['objects']) as StateVersion[],
  };
  requireOnce(state);
  return state;
}

function requireVersion(found: unknown): void {
  if (found === STATE_VERSION) return;
  if (found === undefined)
    throw new StateProblem(
      [],
      'this is no state of a sandbox: it does not begin with `state: 1`',
      'make one with `crossbucket sandbox export`',
    );
  throw new StateProblem(
    ['state'],
    `this is a state of version ${JSON.stringify(found)}, and version ${STATE_VERSION} can be read`,
    'export it again with this version of crossbucket',
  );
}

function decodeList<T>(value: unknown, place: Place, decodeItem: (item: unknown, at: Place) => T): T[] {
  if (!Array.isArray(value)) throw new StateProblem(place, 'this is to be a list');
  return value.map((item, index) => decodeItem(item, [...place, index]));
}

function decodeAccount(value: Members, place: Place, records: SandboxState['records']): AccountRecord {
  const own = Object.fromEntries(Object.entries(value).filter(([name]) => accountCodec.names.has(name)));
  const known = new Set([...accountCodec.names, ...SECTIONS.map(({ name }) => name)]);
  const unknown = Object.keys(value).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new StateProblem(
      [...place, unknown],
      `there is no \`${unknown}\` here`,
      `known are ${[...known].join(', ')}`,
    );
  const decoded = accountCodec.decode(own, place) as Omit<AccountRecord, 'canonicalId'>;
  const { id } = decoded;
  for (const { section, codec } of sections)
    decodeList(value[section.name] ?? [], [...place, section.name], (item, at) => {
      const record = { account: id, ...(codec.decode(item, at) as Members) } as Members;
      if (section.name === 'accessKeys') record['id'] ??= makeAccessKeyId(id);
      records.push({ section, key: section.keyOf(record as never, id), record });
    });
  return { canonicalId: canonicalIdOf(id), ...decoded };
}

function decodeSessionKey(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const { session } = asMembers(value, ['secrets']);
  if (session === undefined) return undefined;
  if (typeof session === 'string' && /^[0-9a-f]{64}$/.test(session)) return session;
  throw new StateProblem(
    ['secrets', 'session'],
    'this is to be 64 hexadecimal digits',
    'leave it out for a new one',
  );
}

function decodeOrganization(value: unknown): SandboxState['organization'] {
  if (value === undefined) return undefined;
  const { units, members, policies, ...own } = asMembers(value, ['organization']);
  const all = (name: string, found: unknown, codec: ReturnType<typeof object>) =>
    list(codec).decode(found ?? [], ['organization', name]) as Members[];
  return {
    record: organizationCodec.decode(own, ['organization']) as OrganizationRecord,
    units: all('units', units, object(unit)),
    members: all('members', members, object(member)),
    policies: all('policies', policies, object(organizationPolicy)),
  };
}

/** What is told apart by its id or name is there once, and what others name is there. */
function requireOnce({ accounts, records, organization: found, objects }: SandboxState): void {
  const seen = new Set<string>();
  const once = (kind: string, key: string, place: Place): void => {
    const name = `${kind} ${key}`;
    if (seen.has(name)) throw new StateProblem(place, `\`${key}\` is there twice`);
    seen.add(name);
  };
  if (accounts.length === 0)
    throw new StateProblem([], 'there is no account in it', 'a state has at least one');
  for (const [index, { id, name }] of accounts.entries()) {
    once('account', id, ['accounts', index, 'id']);
    once('account name', name, ['accounts', index, 'name']);
  }
  const counts = new Map<string, number>();
  const indexes = new Map(accounts.map(({ id }, index) => [id, index]));
  for (const { section, key, record } of records) {
    const { account: of } = record as { account: string };
    const place = `${of} ${section.name}`;
    const index = counts.get(place) ?? 0;
    counts.set(place, index + 1);
    once(section.name, key, ['accounts', indexes.get(of)!, section.name, index]);
  }
  for (const [index, { account: of }] of (found?.members ?? []).entries())
    if (!indexes.has(of as string))
      throw new StateProblem(
        ['organization', 'members', index],
        `the account \`${String(of)}\` is not in this file`,
      );
  for (const [index, { bucket }] of objects.entries())
    if (!seen.has(`buckets ${bucket}`))
      throw new StateProblem(['objects', index, 'bucket'], `the bucket \`${bucket}\` is not in this file`);
}

/**
 * Stores a state in an empty folder: all of it in one transaction.
 * @throws SandboxError `InvalidState` where there are accounts already.
 */
export function importState(state: SandboxState, store: Store): void {
  if (!store.accounts.values().next().done)
    throw new SandboxError(
      'InvalidState',
      `the data folder \`${store.folder}\` has accounts already`,
      'import into a new folder, or start without --import',
    );
  if (state.sessionKey !== undefined) store.restoreSessionKey(Buffer.from(state.sessionKey, 'hex'));
  store.changeMany(() => {
    for (const record of state.accounts) store.accounts.set(record.id, record);
    for (const { section, key, record } of state.records) section.collection(store).set(key, record);
    const { organization: found } = state;
    if (!found) return;
    store.organization.set(ONLY, found.record);
    for (const one of found.units) store.organizationUnits.set(one['id'] as string, one as never);
    for (const one of found.members) store.organizationMembers.set(one['account'] as string, one as never);
    for (const one of found.policies) store.organizationPolicies.set(one['id'] as string, one as never);
  });
  importObjects(state.objects, store);
}

function readYaml(text: string, path: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw invalid(`${path}:${line}:${col}`, firstLine(error.message));
  }
  try {
    return document.toJS() as unknown;
  } catch (cause) {
    throw invalid(path, firstLine((cause as Error).message));
  }
}

/** Where a problem is; what is missing is looked for where it should be. */
function locate(text: string, path: string, place: Place): string {
  const lines = new LineCounter();
  const document: Document = parseDocument(text, { lineCounter: lines });
  for (let length = place.length; length >= 0; length--) {
    const node: unknown = document.getIn(place.slice(0, length), true);
    if (!isNode(node) || !node.range) continue;
    const { line, col } = lines.linePos(node.range[0]);
    return `${path}:${line}:${col}`;
  }
  return path;
}

function describe({ place, message }: StateProblem): string {
  return place.length === 0 ? message : `\`${place.join('.')}\`: ${message}`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.replace(/ at line \d+, column \d+:?$/, '');
}

function invalid(where: string, problem: string, help?: string): SandboxError {
  return new SandboxError(
    'InvalidState',
    `${where}: ${problem}`,
    help ?? 'see docs/sandbox.md for what a state file holds; nothing of it was imported',
  );
}
