import { splitArn } from '../arn.ts';
import type { AccessRequest, ContextValue } from '../request.ts';
import type { ApiCall } from '../snapshot.ts';
import { CLOUDTRAIL } from './cloudtrail.ts';
import { IAM } from './iam.ts';
import { textAt } from './input.ts';
import { KMS } from './kms.ts';
import { type CallTable, type Keys, type Need, type Row, anything, table } from './need.ts';
import { ORGANIZATIONS } from './organizations.ts';
import { S3_BUCKETS } from './s3-buckets.ts';
import { S3_OBJECTS } from './s3-objects.ts';
import { accessPointKeys, isDirectoryBucket, onBucket, onObject } from './s3-resources.ts';
import { S3CONTROL } from './s3control.ts';
import { STS } from './sts.ts';

const TABLES: Readonly<Record<string, () => CallTable>> = {
  s3: table(() => ({ ...S3_BUCKETS(), ...S3_OBJECTS })),
  s3control: () => S3CONTROL,
  sts: () => STS,
  iam: IAM,
  kms: KMS,
  organizations: ORGANIZATIONS,
  cloudtrail: CLOUDTRAIL,
};

/**
 * Every authorization that a call needs, in the order in which AWS asks: the operation's own action first, then
 * what its headers and its encryption add. Empty where AWS asks for no permission. `resourceAccount` is left to
 * those who know the owner, except where the ARN says it.
 *
 * Keys of the principal and of resources (`aws:ResourceTag/*`, ...) are not here: they come from a `World`, but for
 * those that `call.object` gives. A KMS key may be named by the ARN of its alias.
 */
export function authorizationsFor(call: ApiCall): AccessRequest[] {
  const requests: AccessRequest[] = [];
  for (const need of needsOf(call)) {
    const seen = need.as ? need.as(call) : call;
    if (seen === undefined || (need.when && !need.when(call))) continue;
    const resource = need.on(seen);
    if (resource !== undefined) requests.push(request(seen, need, resource));
  }
  return requests;
}

/** Actions that an operation by this exact name may need; none where the table has no row of it. */
export function actionsOfOperation(service: string, operation: string): string[] {
  const call: ApiCall = { service, operation, input: {}, principal: '*' };
  const row = rowOf(call);
  const needs = typeof row === 'function' ? row(call) : (row ?? []);
  return needs.map(({ action }) => (typeof action === 'string' ? action : action(call)));
}

/** An operation that asks for an action first of all. */
export interface ActionUse {
  /** `GetObject` */
  operation: string;
  /** Only where a version is named: `s3:GetObjectVersion` is GetObject with a VersionId. */
  ofVersion: boolean;
}

/** Operations of the table that ask for an action, in any case, before all others; none where no operation begins with it. */
export function operationsFor(action: string): ActionUse[] {
  const wanted = action.toLowerCase();
  const service = wanted.slice(0, Math.max(0, wanted.indexOf(':')));
  const rows = Object.hasOwn(TABLES, service) ? TABLES[service]!() : {};
  return Object.keys(rows).flatMap((operation): ActionUse[] => {
    const needed = (input: ApiCall['input']): string | undefined =>
      authorizationsFor({ service, operation, input, principal: '*' })[0]?.action.toLowerCase();
    const input = { Bucket: 'b', Key: 'k', KeyId: 'k', Delete: { Objects: [] } };
    if (needed(input) === wanted) return [{ operation, ofVersion: false }];
    return needed({ ...input, VersionId: 'v' }) === wanted ? [{ operation, ofVersion: true }] : [];
  });
}

/** Whether the table says what an operation needs; without, its action has its name. */
export const hasRow = (call: ApiCall): boolean => rowOf(call) !== undefined;

function rowOf({ service, operation }: ApiCall): Row | undefined {
  const rows = Object.hasOwn(TABLES, service) ? TABLES[service]!() : undefined;
  return rows && Object.hasOwn(rows, operation) ? rows[operation] : undefined;
}

function needsOf(call: ApiCall): readonly Need[] {
  if (isZonal(call)) return [{ action: 's3express:CreateSession', on: onBucket }];
  const row = rowOf(call);
  return typeof row === 'function' ? row(call) : (row ?? [byName(call)]);
}

const ZONAL_LISTINGS = new Set(['HeadBucket', 'ListObjectsV2', 'ListMultipartUploads']);

/** What reads or writes a directory bucket goes by a session of the bucket's, as the SDK's documentation says. */
function isZonal({ service, operation, input }: ApiCall): boolean {
  const bucket = textAt(input, 'Bucket');
  if (service !== 's3' || bucket === undefined || !isDirectoryBucket(bucket)) return false;
  return Object.hasOwn(S3_OBJECTS, operation) || ZONAL_LISTINGS.has(operation);
}

/** An operation without a row: its action has its name. */
function byName({ service, operation, input }: ApiCall): Need {
  const action = `${service === 's3control' ? 's3' : service}:${operation}`;
  if (service !== 's3') return { action, on: anything };
  if (Object.hasOwn(input, 'Key')) return { action, on: onObject };
  return { action, on: Object.hasOwn(input, 'Bucket') ? onBucket : anything };
}

function request(call: ApiCall, need: Need, resource: string): AccessRequest {
  const action = actionOn(resource, typeof need.action === 'string' ? need.action : need.action(call));
  const isS3 = action.startsWith('s3:');
  const context: Record<string, ContextValue> = { ...call.context };
  if (isS3) addKeys(context, accessPointKeys(call));
  for (const source of need.keys ?? []) addKeys(context, source(call));
  const made: AccessRequest = { principal: call.principal, action, resource, context };
  // AWS's own policies belong to no account: `arn:aws:iam::aws:policy/...`.
  const account = resource.startsWith('arn:aws:s3:::') ? undefined : splitArn(resource)?.[4];
  if (account && account !== 'aws') made.resourceAccount = account;
  if (isS3 && call.object?.owner) made.objectOwner = call.object.owner;
  if (call.unknown) made.unknown = call.unknown;
  return made;
}

/** S3 on Outposts, Object Lambda and directory buckets have S3's operations under prefixes of their own. */
function actionOn(resource: string, action: string): string {
  if (resource.startsWith('arn:aws:s3:::')) return action;
  const service = splitArn(resource)?.[2];
  if (!action.startsWith('s3:') || service === undefined || !RELATIVES.has(service)) return action;
  return `${service}:${action.slice('s3:'.length)}`;
}

const RELATIVES = new Set(['s3-outposts', 's3-object-lambda', 's3express']);

function addKeys(context: Record<string, ContextValue>, keys: Keys): void {
  for (const key in keys) {
    const value = keys[key];
    if (value !== undefined) context[key] = value;
  }
}
