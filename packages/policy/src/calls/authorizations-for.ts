import type { AccessRequest, ContextValue } from '../request.ts';
import type { ApiCall } from '../snapshot.ts';
import { IAM } from './iam.ts';
import { type CallTable, type KeySource, type Need, anything } from './need.ts';
import { S3_BUCKETS } from './s3-buckets.ts';
import { S3_OBJECTS } from './s3-objects.ts';
import { accessPointKeys, onBucket, onObject } from './s3-resources.ts';
import { STS } from './sts.ts';

const TABLES: Readonly<Record<string, CallTable>> = {
  s3: { ...S3_BUCKETS, ...S3_OBJECTS },
  sts: STS,
  iam: IAM,
};

/**
 * Every authorization that a call needs, in the order in which AWS asks: the operation's own action first, then
 * what its headers and its encryption add. Empty where AWS asks for no permission. `resourceAccount` is left to
 * those who know the owner, except where the ARN says it.
 *
 * Keys of resources (`aws:ResourceTag/*`, ...) and of the principal are not here: they come from a `World`.
 */
export function authorizationsFor(call: ApiCall): AccessRequest[] {
  const table = Object.hasOwn(TABLES, call.service) ? TABLES[call.service] : undefined;
  const row = table && Object.hasOwn(table, call.operation) ? table[call.operation] : undefined;
  const needs = typeof row === 'function' ? row(call) : (row ?? [byName(call)]);
  return needs.flatMap((need) => {
    if (need.when && !need.when(call)) return [];
    const resource = need.on(call);
    return resource === undefined ? [] : [request(call, need, resource)];
  });
}

/** Actions that an operation by this exact name may need; none where the table has no row of it. */
export function actionsOfOperation(service: string, operation: string): string[] {
  const table = Object.hasOwn(TABLES, service) ? TABLES[service] : undefined;
  const row = table && Object.hasOwn(table, operation) ? table[operation] : undefined;
  const call: ApiCall = { service, operation, input: {}, principal: '*' };
  const needs = typeof row === 'function' ? row(call) : (row ?? []);
  return needs.map(({ action }) => (typeof action === 'string' ? action : action(call)));
}

/** An operation without a row: its action has its name. */
function byName(call: ApiCall): Need {
  const { service, operation, input } = call;
  const action = `${service}:${operation}`;
  if (service !== 's3') return { action, on: anything };
  if (Object.hasOwn(input, 'Key')) return { action, on: onObject };
  return { action, on: Object.hasOwn(input, 'Bucket') ? onBucket : anything };
}

function request(call: ApiCall, need: Need, resource: string): AccessRequest {
  const action = typeof need.action === 'string' ? need.action : need.action(call);
  const sources = [...(action.startsWith('s3:') ? [accessPointKeys] : []), ...(need.keys ?? [])];
  const account = resource.split(':')[4];
  return {
    principal: call.principal,
    action,
    resource,
    ...(account && { resourceAccount: account }),
    ...(call.object?.owner && action.startsWith('s3:') && { objectOwner: call.object.owner }),
    context: contextOf(call, sources),
    ...(call.unknown && { unknown: call.unknown }),
  };
}

function contextOf(call: ApiCall, sources: readonly KeySource[]): Record<string, ContextValue> {
  const context = { ...call.context };
  for (const source of sources) {
    for (const [key, value] of Object.entries(source(call))) if (value !== undefined) context[key] = value;
  }
  return context;
}
