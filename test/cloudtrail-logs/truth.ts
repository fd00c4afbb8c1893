import { accountOf, type Call, type Caller, type Session } from './calls.ts';
import { arnOf } from './simulate.ts';

/** Where a caller comes from in the end. */
export interface Origin {
  account: string;
  principal: string;
  kind: 'account' | 'service' | 'federated' | 'session';
  ip: string;
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/** Follows a session to the one who began the chain; undefined where the logs do not know the session. */
export function originOf(session: Session): Origin | undefined {
  if (!session.logged) return undefined;
  const { caller, ip } = session.by;
  if (caller.kind === 'session') {
    const further = originOf(caller.session);
    if (further !== undefined) return further;
    return { account: caller.session.role.account, principal: caller.session.role.arn, kind: 'session', ip };
  }
  if (caller.kind === 'user')
    return { account: caller.user.account, principal: caller.user.arn, kind: 'account', ip };
  const kind = caller.kind === 'service' ? 'service' : 'federated';
  const from = caller.kind === 'service' ? caller.service : ip;
  return { account: session.role.account, principal: session.role.arn, kind, ip: from };
}

/** By which route a call came, and from whom. */
export function sourceOf(call: Call): {
  route: string;
  account: string;
  principal: string;
  role: string | null;
} {
  const { caller } = call;
  const owner = call.bucket!.owner;
  const role = caller.kind === 'session' ? caller.session.role.arn : null;
  if (caller.kind === 'anonymous')
    return { route: 'anonymous', account: 'anonymous', principal: 'anonymous', role };
  if (caller.kind === 'service')
    return { route: 'service', account: 'service', principal: caller.service, role };
  const own = accountOf(caller)!;
  const named = role ?? arnOf(caller);
  if (own !== owner) return { route: 'bucket-policy', account: own, principal: named, role };
  if (caller.kind !== 'session') return { route: 'own', account: owner, principal: named, role };
  const origin = originOf(caller.session);
  if (origin === undefined) return { route: 'unknown', account: 'unknown', principal: named, role };
  const { account, principal } = origin;
  return { route: account === owner ? 'own' : 'role', account, principal, role };
}

/** Rows by a name that tells them apart, as plain data. */
export type Rows = Record<string, Record<string, unknown>>;

function group<T>(items: readonly T[], nameOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const found = groups.get(name);
    if (found === undefined) groups.set(name, [item]);
    else found.push(item);
  }
  return groups;
}

const keyOf = (caller: Caller): string | undefined =>
  caller.kind === 'session'
    ? caller.session.accessKey
    : caller.kind === 'user'
      ? caller.accessKey
      : undefined;

const isDenied = ({ error }: Call): boolean => error?.code === 'AccessDenied';

function counts(calls: readonly Call[]): Record<string, unknown> {
  const times = calls.map(({ time }) => time);
  return {
    calls: calls.length,
    denied: calls.filter(isDenied).length,
    bytes_in: calls.reduce((sum, { bytesIn }) => sum + bytesIn, 0),
    bytes_out: calls.reduce((sum, { bytesOut }) => sum + bytesOut, 0),
    first_time: iso(Math.min(...times)),
    last_time: iso(Math.max(...times)),
  };
}

export const prefixOf = ({ key, prefix }: Call): string =>
  key === undefined ? (prefix ?? '') : key.slice(0, key.indexOf('/') + 1);

const atBuckets = (calls: readonly Call[]): Call[] => calls.filter(({ bucket }) => bucket !== undefined);

const fromOutside = (calls: readonly Call[]): Call[] =>
  atBuckets(calls).filter((call) => sourceOf(call).route !== 'own');

/** What `access` answers. */
export function trueAccess(calls: readonly Call[]): Rows {
  const groups = group(fromOutside(calls), (call) => {
    const { route, account, principal, role } = sourceOf(call);
    return JSON.stringify([account, route, principal, role, call.bucket!.name, prefixOf(call), call.name]);
  });
  return Object.fromEntries(
    [...groups].map(([name, its]) => [
      name,
      {
        ...counts(its),
        sessions: new Set(its.flatMap(({ caller }) => keyOf(caller) ?? [])).size,
        addresses: new Set(its.map(addressOf)).size,
      },
    ]),
  );
}

/** Where the chain began, or the call itself came from. */
function addressOf({ caller, ip }: Call): string {
  if (caller.kind === 'service') return caller.service;
  return (caller.kind === 'session' ? originOf(caller.session)?.ip : undefined) ?? ip;
}

/** What `sessions` answers. */
export function trueSessions(calls: readonly Call[]): Rows {
  const did = group(calls, ({ caller }) => keyOf(caller) ?? '');
  const made = calls.flatMap(({ session }) => session ?? []);
  return Object.fromEntries(
    made.map((session) => {
      const its = did.get(session.accessKey) ?? [];
      const origin = originOf(session)!;
      return [
        session.accessKey,
        {
          started: iso(session.created),
          role: session.role.arn,
          session_name: session.name,
          source_account: origin.account,
          principal: origin.principal,
          origin_kind: origin.kind,
          origin_ip: origin.ip,
          links: linksOf(session),
          calls: its.length,
          denied: its.filter(isDenied).length,
          bytes_out: its.reduce((sum, { bytesOut }) => sum + bytesOut, 0),
          buckets: new Set(its.flatMap(({ bucket }) => bucket?.name ?? [])).size,
          last_time: its.length === 0 ? null : iso(Math.max(...its.map(({ time }) => time))),
        },
      ];
    }),
  );
}

function linksOf({ by: { caller } }: Session): number {
  return caller.kind === 'session' && caller.session.logged ? 1 + linksOf(caller.session) : 1;
}

/** What `denied` answers. The sample of a group is its latest call. */
export function trueDenials(calls: readonly Call[]): Rows {
  const groups = group(calls.filter(isDenied), (call) => {
    const { account, principal, role } =
      call.bucket === undefined
        ? { account: accountOf(call.caller), principal: arnOf(call.caller), role: null }
        : sourceOf(call);
    const asked =
      call.bucket === undefined ? [null, null, call.role!.arn] : [call.bucket.name, prefixOf(call), null];
    return JSON.stringify([call.service, account, principal, role, ...asked, call.name]);
  });
  return Object.fromEntries(
    [...groups].map(([name, its]) => {
      const { first_time, last_time, calls: count } = counts(its);
      const latest = its.filter(({ time }) => iso(time) === last_time);
      const { error, key, prefix, bucket } = latest[0]!;
      const isTold = latest.length === 1;
      return [
        name,
        {
          calls: count,
          first_time,
          last_time,
          addresses: new Set(its.map(({ ip }) => ip)).size,
          ...(bucket !== undefined && { owner: bucket.owner }),
          ...(isTold && {
            error_message: error!.message,
            object_key: key ?? null,
            list_prefix: key === undefined ? (prefix ?? null) : null,
          }),
        },
      ];
    }),
  );
}

/** What `top` answers for a dimension. */
export function trueTop(calls: readonly Call[], by: (call: Call) => string): Rows {
  return Object.fromEntries([...group(fromOutside(calls), by)].map(([name, its]) => [name, counts(its)]));
}
