import { inFull } from './gate/decision-memo.ts';
import type { CallDecision } from '@crossbucket/policy';
import { join } from 'node:path';
import { SandboxClock, type Clock } from './clock.ts';
import type { AccountConfig, SandboxConfig } from './config/config.ts';
import { writeProfiles, type ProfileFiles } from './config/profiles.ts';
import { endpointsOf } from './config/endpoints.ts';
import { findKey, seed, seedRootKeys } from './config/seed.ts';
import { seedOrganization } from './config/seed-organization.ts';
import { settingsOf } from './config/settings.ts';
import { Control } from './control/control.ts';
import { SandboxError } from './errors.ts';
import { IdentityKeys } from './gate/identity-keys.ts';
import { LastUses } from './gate/last-uses.ts';
import type { Endpoint } from './gate/network.ts';
import { SessionTokens } from './gate/session-token.ts';
import { Worlds } from './gate/world.ts';
import { Pipeline } from './pipeline/pipeline.ts';
import { ServiceCalls } from './pipeline/service-calls.ts';
import { createHandler, LoopbackServer } from './server.ts';
import type { ExportOptions } from './state/export.ts';
import type { SandboxState } from './state/import.ts';
import { Store } from './store/store.ts';
import type { Authority } from './tls/authority.ts';
import { recordFor, type CloudTrailRecord } from './trail/records/record.ts';
import { TrailDeliveries } from './trail/delivery/deliveries.ts';
import { EventRecorder } from './trail/event-recorder.ts';
import { Trail } from './trail/trail.ts';

export interface SandboxOptions {
  /** Account ids, or accounts with names, keys and users. Without them, 111111111111 and 222222222222. */
  accounts?: (string | AccountConfig)[];
  /** 0, the default, takes any port that is free. */
  port?: number;
  /** Folder to keep everything in; without it, a temporary one that `close` removes. */
  data?: string;
  /** What expiries follow; without it, a clock that runs with real time and can be moved (`sandbox.clock`). */
  clock?: Clock;
  /** Serves HTTPS, under a certificate of the sandbox's own authority: see `Sandbox.caFile`. */
  tls?: boolean;
  /** A state to begin with (`parseState`, `readStateFile`), in a folder that is empty. */
  state?: SandboxState;
  /** What a config file holds; its accounts come on top of `accounts`. */
  config?: SandboxConfig;
}

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** One account of the sandbox, with credentials that go into any SDK client. */
export interface SandboxAccount {
  id: string;
  name: string;
  root: Credentials;
  /** Credentials of the users that the config names, by user name. */
  users: Record<string, Credentials>;
}

const DEFAULT_ACCOUNTS = ['111111111111', '222222222222'];

/**
 * Starts an AWS on localhost.
 * @throws SandboxError with a stable `code` and a `help` that says what to do.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const config = await configOf(options);
  const endpoints = endpointsOf(config.endpoints);
  const clock = options.clock ?? new SandboxClock();
  const store = await Store.open(options.data);
  const listening: LoopbackServer[] = [];
  try {
    const settings = settingsOf(config);
    if (options.state) (await import('./state/import.ts')).importState(options.state, store);
    // Whatever the config names was there long before.
    seed(store, config, clock.now() - settings.consistencyDelay);
    if (options.state) seedRootKeys(store, clock.now());
    if (config.organization) seedOrganization(store, config.organization, clock.now());
    const events = new EventRecorder(store.eventHistory, options.data !== undefined);
    const trail = new Trail(undefined, events);
    const tokens = new SessionTokens(store.sessionKey);
    const lastUses = new LastUses();
    const identityKeys = new IdentityKeys(settings);
    const serviceCalls = new ServiceCalls(() => pipeline);
    const deliveries = new TrailDeliveries({ trail, store, clock, settings, calls: serviceCalls });
    const context = {
      store,
      clock,
      trail,
      events,
      accounts: store.accounts,
      tokens,
      settings,
      lastUses,
      identityKeys,
      serviceCalls,
      deliveries,
    };
    const control = new Control(context);
    const authority = options.tls ? await openAuthority(join(store.folder, 'tls')) : undefined;
    const pipeline = new Pipeline(context, new Worlds(store));
    const listen = async (port: number, endpoint?: Endpoint): Promise<LoopbackServer> => {
      const server = await LoopbackServer.listen(createHandler(pipeline, control, endpoint), port, authority);
      listening.push(server);
      return server;
    };
    const server = await listen(options.port ?? 0);
    const doors = await Promise.all(
      endpoints.map(async (endpoint) => ({ id: endpoint.id, server: await listen(0, endpoint) })),
    );
    const files = writeProfiles(join(store.folder, 'aws'), store, server.endpoint, authority?.file);
    await store.settled();
    await deliveries.resume();
    return new Sandbox({ store, clock, trail, events, server, doors, files, control, authority, deliveries });
  } catch (error) {
    await Promise.all(listening.map((server) => server.close()));
    await store.abandon();
    throw error;
  }
}

interface Parts {
  store: Store;
  clock: Clock;
  trail: Trail;
  events: EventRecorder;
  server: LoopbackServer;
  /** The ports of the VPC endpoints. */
  doors: { id: string; server: LoopbackServer }[];
  files: ProfileFiles;
  control: Control;
  authority: Authority | undefined;
  deliveries: TrailDeliveries;
}

/** Loads what makes certificates only where some are wanted. */
async function openAuthority(folder: string): Promise<Authority> {
  const { Authority: opened } = await import('./tls/authority.ts');
  return opened.open(folder);
}

/** A running sandbox. */
export class Sandbox implements AsyncDisposable {
  /** `http://127.0.0.1:PORT`, for all services; `https://...` with `tls`. */
  readonly endpoint: string;
  /** Path of a shared config file with a profile for each account root and user: for `AWS_CONFIG_FILE`. */
  readonly profiles: string;
  /** Path of the credentials file that goes with it: for `AWS_SHARED_CREDENTIALS_FILE`. */
  readonly credentialsFile: string;
  readonly clock: Clock;
  readonly #parts: Parts;
  #closed: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.endpoint = parts.server.endpoint;
    this.profiles = parts.files.configFile;
    this.credentialsFile = parts.files.credentialsFile;
    this.clock = parts.clock;
  }

  /** For most paths under `/_crossbucket/`, as the header `x-crossbucket-token`: see docs/sandbox.md. */
  get controlToken(): string {
    return this.#parts.control.token;
  }

  /** With `tls`: path of the certificate to trust, for `AWS_CA_BUNDLE` and `NODE_EXTRA_CA_CERTS`. */
  get caFile(): string | undefined {
    return this.#parts.authority?.file;
  }

  /** URL of each VPC endpoint of the config, by its id. */
  get vpcEndpoints(): Record<string, string> {
    return Object.fromEntries(this.#parts.doors.map(({ id, server }) => [id, server.endpoint]));
  }

  get accounts(): SandboxAccount[] {
    return [...this.#parts.store.accounts.values()].map(({ id }) => this.account(id));
  }

  /** @throws SandboxError `InvalidAccountId` */
  account(id: string): SandboxAccount {
    const { store } = this.#parts;
    const account = store.accounts.get(id);
    if (!account)
      throw new SandboxError(
        'InvalidAccountId',
        `the sandbox has no account \`${id}\``,
        'name it in `accounts` at start',
      );
    const users = [...store.users.values()].filter((user) => user.account === id);
    return {
      id,
      name: account.name,
      root: credentialsOf(store, id),
      users: Object.fromEntries(users.map(({ name }) => [name, credentialsOf(store, id, name)])),
    };
  }

  /** Every call so far (the latest ten thousand of each kind) as CloudTrail records, one for each account concerned. */
  records(kind?: 'management' | 'data'): CloudTrailRecord[] {
    const { trail } = this.#parts;
    return trail.entries(kind).flatMap((entry) => {
      const recipients = entry.recipients.length > 0 ? entry.recipients : [''];
      return recipients.map((recipient) => recordFor(entry, recipient));
    });
  }

  /**
   * How the call of a request id (`$metadata.requestId` of an SDK's answer or error) was decided. Kept of the latest ten
   * thousand calls of each kind that were denied, and of the latest hundred that were allowed.
   */
  decision(requestId: string): CallDecision | undefined {
    const decision = this.#parts.trail.find(requestId)?.decision;
    return decision && inFull(decision);
  }

  /**
   * Everything that there is, as YAML that can be read and changed, for another sandbox to begin with.
   * @throws SandboxError `StateTooLarge`
   */
  async exportState(options: ExportOptions = {}): Promise<string> {
    return (await import('./state/export.ts')).exportState(this.#parts.store, options);
  }

  /**
   * Remembers everything that there is now.
   * @returns The way back there, at the cost of what has changed since: for between tests. No call may be under way then.
   *   Clock and records go back, too; sessions stay good for as long as their roles are there.
   */
  async checkpoint(): Promise<() => Promise<void>> {
    const { Baseline } = await import('./fixture/baseline.ts');
    const { store, clock, trail, deliveries } = this.#parts;
    const baseline = await Baseline.of(store);
    const moved = clock.now() - Date.now();
    return async () => {
      trail.clear();
      for (const one of [...store.trails.values()].filter(
        (record) => !baseline.has(store.trails, record.arn),
      )) {
        store.trails.delete(one.arn);
        await (await deliveries.load()).forget(one);
      }
      await baseline.restore();
      trail.clear();
      if (clock instanceof SandboxClock) clock.advance(Math.round(moved - (clock.now() - Date.now())));
    };
  }

  /** Delivers at once what trails have logged and not delivered yet, and the digest files that are due. */
  async deliverTrails(): Promise<void> {
    await this.#parts.deliveries.deliver();
  }

  /** Ends the server and, without a data folder, removes everything. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { control, server, doors, store, deliveries, events } = this.#parts;
    control.close();
    await Promise.all([server, ...doors.map((door) => door.server)].map((each) => each.close()));
    await deliveries.close();
    events.flush();
    await store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function credentialsOf(store: Store, account: string, user?: string): Credentials {
  const key = findKey(store, account, user);
  return { accessKeyId: key?.id ?? '', secretAccessKey: key?.secret ?? '' };
}

async function configOf(options: SandboxOptions): Promise<SandboxConfig> {
  const given = options.accounts ?? (options.config || options.state ? [] : DEFAULT_ACCOUNTS);
  const accounts = given.map((account) => (typeof account === 'string' ? { id: account } : account));
  for (const { id } of accounts) {
    if (/^\d{12}$/.test(id)) continue;
    throw new SandboxError(
      'InvalidAccountId',
      `\`${id}\` is not an account id`,
      'an account id is twelve digits',
    );
  }
  const config = { ...options.config, accounts: [...accounts, ...(options.config?.accounts ?? [])] };
  // Ids alone need no schema, and the schema's library takes longer to load than all the rest.
  const isPlain = given.every((account) => typeof account === 'string');
  if (isPlain && !options.config && new Set(given).size === accounts.length) return config;
  const { validateConfig } = await import('./config/config.ts');
  return validateConfig(config);
}
