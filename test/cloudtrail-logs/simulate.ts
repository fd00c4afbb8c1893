import { AGENTS, BUCKETS, type Bucket, HOSTILE_KEYS, type Principal, ROLES, USERS } from './cast.ts';
import { accountOf, type Call, type Caller, type Copy, type Session } from './calls.ts';
import type { Random } from './random.ts';

export interface SimulationOptions {
  /** About how many calls; a session that was begun is ended. */
  calls: number;
  /** First day, `2026-08-01`. */
  from: string;
  days: number;
  /** Calls of a session. */
  sessionCalls: number;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Every kind of caller, and how often it comes. */
const SCENES: readonly [weight: number, play: (stage: Stage) => Caller | undefined][] = [
  [3, (stage) => stage.user(USERS.app)],
  [3, (stage) => stage.assume(stage.service('ec2.amazonaws.com'), ROLES.service, `i-${stage.random.id(8)}`)],
  [4, (stage) => stage.assume(stage.user(USERS.app), ROLES.reader, 'nightly')],
  [
    4,
    (stage) =>
      stage.assume(
        stage.assume(stage.service('ec2.amazonaws.com'), ROLES.service, `i-${stage.random.id(8)}`),
        ROLES.reader,
        'report-service',
      ),
  ],
  [
    2,
    (stage) =>
      stage.assume(
        stage.assume(stage.user(USERS.partner), ROLES.deploy, 'through'),
        ROLES.reader,
        'far-away',
      ),
  ],
  [2, (stage) => stage.assume(stage.assume(stage.webIdentity(), ROLES.pipeline, 'job'), ROLES.ingest, 'job')],
  [1, (stage) => stage.assume(stage.user(USERS.app), ROLES.reader, 'before-the-logs', { logged: false })],
  [3, (stage) => stage.user(USERS.owner)],
  [2, (stage) => stage.assume(stage.user(USERS.owner), ROLES.etl, 'etl')],
  [1, () => ({ kind: 'anonymous' })],
  [1, (stage) => stage.service('delivery.logs.amazonaws.com')],
  [1, (stage) => stage.user(USERS.stranger)],
  // Refused, and so nothing comes of it.
  [1, (stage) => stage.refusedAssume(stage.user(USERS.stranger), ROLES.reader)],
];

/** All that happens, in the order of the scenes. */
export function simulate(random: Random, options: SimulationOptions): Call[] {
  const stage = new Stage(random);
  const start = Date.parse(`${options.from}T00:00:00Z`) / 1000;
  const wheel = SCENES.flatMap(([weight, play]) => Array.from({ length: weight }, () => play));
  while (stage.calls.length < options.calls) {
    // Sessions last an hour at most, and the last day ends with them.
    stage.begin(start + random.below(options.days * DAY - 2 * HOUR));
    const caller = random.pick(wheel)(stage);
    const count = caller === undefined ? 0 : 1 + random.below(2 * options.sessionCalls);
    for (let i = 0; i < count; i++) stage.useBucket(caller!);
  }
  return stage.calls;
}

/** Makes the calls of one scene after the other. */
class Stage {
  readonly calls: Call[] = [];
  readonly random: Random;
  #time = 0;
  #ip = '';
  #agent = '';

  constructor(random: Random) {
    this.random = random;
  }

  begin(time: number): void {
    this.#time = time;
    this.#ip = `198.51.100.${1 + this.random.below(20)}`;
    this.#agent = this.random.pick(AGENTS);
  }

  user(user: Principal): Caller {
    return { kind: 'user', user, accessKey: `AKIA${user.id.slice(4, 20)}` };
  }

  service(service: string): Caller {
    return { kind: 'service', service };
  }

  webIdentity(): Caller {
    return { kind: 'web-identity', provider: 'token.actions.example', user: 'repo:acme/pipeline' };
  }

  assume(by: Caller, role: Principal, name: string, { logged = true } = {}): Caller {
    const call = this.#assumption(by, role);
    const session: Session = {
      role,
      name,
      accessKey: `ASIA${this.random.id(16)}`,
      created: this.#time,
      by: call,
      logged,
    };
    call.session = session;
    if (logged) this.calls.push(call);
    this.#time += 1 + this.random.below(5);
    return { kind: 'session', session };
  }

  refusedAssume(by: Caller, role: Principal): undefined {
    const call = this.#assumption(by, role);
    call.error = {
      code: 'AccessDenied',
      message: `User: ${arnOf(by)} is not authorized to perform: sts:AssumeRole on resource: ${role.arn}`,
    };
    this.calls.push(call);
  }

  useBucket(caller: Caller): void {
    this.#time += this.random.below(30);
    const bucket = caller.kind === 'anonymous' ? BUCKETS[2]! : this.random.pick(BUCKETS);
    const call: Call = {
      ...this.#use(bucket, caller),
      caller,
      bucket,
      copies: this.#copies(caller, bucket.owner),
    };
    if (this.#isRefused(caller)) {
      call.error = {
        code: 'AccessDenied',
        message:
          accountOf(caller) === bucket.owner
            ? `User: ${arnOf(caller)} is not authorized to perform: s3:${call.name} on resource: "arn:aws:s3:::${bucket.name}/${call.key ?? ''}" because no identity-based policy allows the s3:${call.name} action`
            : 'Access Denied',
      };
      call.bytesOut = 243;
      call.bytesIn = 0;
    } else if (this.random.chance(0.02)) {
      call.error = { code: 'NoSuchKey', message: 'The specified key does not exist.' };
      call.bytesOut = 300;
    }
    this.calls.push(call);
  }

  #isRefused(caller: Caller): boolean {
    if (caller.kind === 'user' && caller.user === USERS.stranger) return true;
    return caller.kind !== 'service' && this.random.chance(0.06);
  }

  #assumption(caller: Caller, role: Principal): Call {
    const isWeb = caller.kind === 'web-identity';
    const copies: Copy[] = [{ account: role.account, identity: 'full' }];
    const own = accountOf(caller);
    if (own !== undefined && own !== role.account) {
      copies[0] = { account: role.account, identity: 'account-only' };
      copies.unshift({ account: own, identity: 'full' });
    }
    return {
      ...this.#frame(),
      service: 'sts',
      name: isWeb ? 'AssumeRoleWithWebIdentity' : 'AssumeRole',
      data: false,
      readOnly: true,
      region: 'us-east-1',
      caller,
      role,
      bytesIn: 0,
      bytesOut: 0,
      copies,
    };
  }

  #frame(): Pick<Call, 'id' | 'time' | 'ip' | 'agent'> {
    return { id: this.random.uuid(), time: this.#time, ip: this.#ip, agent: this.#agent };
  }

  #use(bucket: Bucket, caller: Caller): Omit<Call, 'caller' | 'copies'> {
    const frame = { ...this.#frame(), service: 's3' as const, region: bucket.region, bucket };
    const kind = this.random.next();
    const key = this.#key(bucket);
    if (caller.kind === 'anonymous' || kind < 0.6)
      return {
        ...frame,
        name: 'GetObject',
        data: true,
        readOnly: true,
        key,
        bytesIn: 0,
        bytesOut: this.#size(),
      };
    if (kind < 0.75)
      return {
        ...frame,
        name: 'PutObject',
        data: true,
        readOnly: false,
        key,
        bytesIn: this.#size(),
        bytesOut: 0,
      };
    if (kind < 0.9) {
      const prefix = this.random.pick(bucket.prefixes);
      return {
        ...frame,
        name: 'ListObjects',
        data: true,
        readOnly: true,
        prefix,
        bytesIn: 0,
        bytesOut: 4000,
      };
    }
    if (kind < 0.95)
      return { ...frame, name: 'DeleteObject', data: true, readOnly: false, key, bytesIn: 0, bytesOut: 0 };
    return { ...frame, name: 'GetBucketPolicy', data: false, readOnly: true, bytesIn: 0, bytesOut: 900 };
  }

  #key(bucket: Bucket): string {
    const prefix = this.random.pick(bucket.prefixes);
    if (this.random.chance(0.005)) return prefix + this.random.pick(HOSTILE_KEYS);
    return `${prefix}2026-08-${String(1 + this.random.below(28)).padStart(2, '0')}/part-${this.random.below(5000)}.parquet`;
  }

  #size(): number {
    return 100 + this.random.below(5_000_000);
  }

  /** The owner's copy may be missing, and may name no more than the caller's account. */
  #copies(caller: Caller, owner: string): Copy[] {
    const own = accountOf(caller);
    if (own === undefined || own === owner) return [{ account: owner, identity: 'full' }];
    const copies: Copy[] = [{ account: own, identity: 'full' }];
    if (!this.random.chance(0.05))
      copies.push({ account: owner, identity: this.random.chance(0.5) ? 'full' : 'account-only' });
    return copies;
  }
}

/** ARN of whoever signs; a service's name, or `anonymous`. */
export function arnOf(caller: Caller): string {
  if (caller.kind === 'user') return caller.user.arn;
  if (caller.kind === 'service') return caller.service;
  if (caller.kind === 'web-identity') return `${caller.provider} ${caller.user}`;
  if (caller.kind === 'anonymous') return 'anonymous';
  const { role, name } = caller.session;
  return `arn:aws:sts::${role.account}:assumed-role/${role.name}/${name}`;
}
