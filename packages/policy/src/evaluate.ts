import type { CompiledPolicies, CompiledPolicy } from './compile.ts';
import type { Layer } from './decision.ts';
import { evaluateLayer, evaluateLevels, unreadLayer } from './layers.ts';
import type { LayerResult } from './layers.ts';
import { BY_ROLE, DIRECTLY, UNNAMED } from './principal.ts';
import type { Naming } from './principal.ts';
import { otherForm } from './request-view.ts';
import type { RequestView } from './request-view.ts';
import { evaluateAcl, isForeignObject, isPolicyAction, setsPublicAcl } from './s3-rules.ts';
import type { Scope } from './statement.ts';
import { MAYBE, NO, YES, either, truthOf } from './truth.ts';

/** What every layer says of a request; a layer that is not there is undefined. */
export interface Evaluation {
  resourceControl: LayerResult | undefined;
  serviceControl: LayerResult | undefined;
  vpcEndpoint: LayerResult | undefined;
  publicAccessBlock: LayerResult | undefined;
  accessPoint: LayerResult | undefined;
  resource: LayerResult | undefined;
  acl: LayerResult | undefined;
  identity: LayerResult | undefined;
  boundary: LayerResult | undefined;
  session: LayerResult | undefined;
  /** An ACL that allows everyone was left aside for Block Public Access. */
  ignoredAcl: boolean;
}

/** The layer that the resource's own policy is. */
export function resourceLayer(view: RequestView): 'trust-policy' | 'key-policy' | 'resource-policy' {
  if (view.service === 'sts' && view.request.resource.includes(':role/')) return 'trust-policy';
  if (view.service === 'kms' && view.request.resource.includes(':key/')) return 'key-policy';
  return 'resource-policy';
}

export function evaluate(view: RequestView, policies: CompiledPolicies): Evaluation {
  const { caller, resourceAccount, request } = view;
  const unread = (layer: Layer) => policies.unread?.has(layer) === true;
  if (policies.boundary !== undefined) view.hasBoundary = YES;
  else if (unread('boundary')) view.hasBoundary = MAYBE;

  const bucket = view.accessPoint === undefined ? undefined : bucketOf(policies.resource);
  const other = request.resource === '*' ? LIST_BUCKETS.get(view.action) : otherForm(view, bucket);
  const plain: Scope = { principals: false, resourceImplied: false, resource: request.resource, other };
  const naming: Scope = { ...plain, principals: true };

  const layer = (
    name: Layer,
    account: string | undefined,
    list: readonly CompiledPolicy[] | undefined,
    scope: Scope,
  ): LayerResult | undefined => {
    const result = list && evaluateLayer(name, account, list, view, scope);
    if (!unread(name)) return result;
    return unreadLayer(result ?? evaluateLayer(name, account, [], view, scope));
  };
  const levels = (
    name: Layer,
    account: string | undefined,
    list: readonly (readonly CompiledPolicy[])[] | undefined,
    scope: Scope,
    exempt: boolean,
  ): LayerResult | undefined => {
    const known = list && evaluateLevels(name, account, list, view, scope);
    const result = unread(name) ? unreadLayer(known ?? evaluateLayer(name, account, [], view, scope)) : known;
    return result && exempt ? { ...result, exempt } : result;
  };

  const isManagement = (account: string | undefined) =>
    account !== undefined && request.managementAccounts?.includes(account) === true;
  const hasIdentity = caller.account !== undefined && caller.kind !== 'provider';

  const ownName = resourceLayer(view);
  const acl = evaluateAclLayer(view, policies);
  return {
    resourceControl: levels(
      'rcp',
      resourceAccount,
      policies.resourceControl,
      naming,
      isManagement(resourceAccount) || caller.serviceLinked || !RCP_SERVICES.has(view.service),
    ),
    serviceControl: hasIdentity
      ? levels(
          'scp',
          caller.account,
          policies.serviceControl,
          plain,
          isManagement(caller.account) || caller.serviceLinked,
        )
      : undefined,
    vpcEndpoint: layer('vpc-endpoint-policy', undefined, policies.vpcEndpoint, naming),
    publicAccessBlock: evaluatePublicAccess(view, policies),
    accessPoint: layer(
      'access-point-policy',
      view.accessPoint?.split(':')[4],
      policies.accessPoint,
      accessPointScope(naming),
    ),
    resource: withOwnersRule(
      view,
      layer(ownName, resourceAccount, policies.resource, {
        ...bucketScope(naming),
        resourceImplied: ownName === 'trust-policy',
      }),
    ),
    acl: acl?.result,
    identity: hasIdentity ? layer('identity-policy', caller.account, policies.identity, plain) : undefined,
    boundary:
      hasIdentity && caller.kind !== 'root'
        ? layer('boundary', caller.account, policies.boundary, plain)
        : undefined,
    session:
      hasIdentity && caller.kind !== 'root'
        ? layer('session-policy', caller.account, policies.session, plain)
        : undefined,
    ignoredAcl: acl?.ignored ?? false,
  };
}

/** S3 lists all buckets on `*` of the account; policies may spell that as an ARN. */
const LIST_BUCKETS: ReadonlyMap<string, string> = new Map([['s3:listallmybuckets', 'arn:aws:s3:::*']]);

/** https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html */
const RCP_SERVICES = new Set([
  's3',
  'sts',
  'kms',
  'sqs',
  'secretsmanager',
  'cognito-idp',
  'cognito-identity',
  'logs',
  'dynamodb',
  'ecr',
  'aoss',
]);

/** The bucket that a bucket policy is about, by the first resource that it names. */
function bucketOf(policies: readonly CompiledPolicy[] | undefined): string | undefined {
  for (const { resource } of policies?.[0]?.document.statements ?? []) {
    for (const value of resource.written?.values ?? []) {
      const bucket = /^arn:[^:]+:s3:::([^/*?$]+)(?:\/|$)/.exec(value)?.[1];
      if (bucket !== undefined) return bucket;
    }
  }
  return undefined;
}

/** A bucket's policy is about the bucket's ARNs, an access point's about its own. */
function bucketScope(scope: Scope): Scope {
  return scope.other !== undefined && isAccessPoint(scope.resource)
    ? { ...scope, resource: scope.other }
    : scope;
}

function accessPointScope(scope: Scope): Scope {
  return scope.other !== undefined && isAccessPoint(scope.other)
    ? { ...scope, resource: scope.other, other: scope.resource }
    : scope;
}

const isAccessPoint = (arn: string) => arn.includes(':accesspoint/');

/** Who may do what about bucket policies and other accounts' objects, whatever the policy says. */
function withOwnersRule(view: RequestView, result: LayerResult | undefined): LayerResult | undefined {
  if (result === undefined || view.service !== 's3') return result;
  const isOwner = view.caller.account !== undefined && view.caller.account === view.resourceAccount;
  const policyAction = isPolicyAction(view);
  if (policyAction && isOwner && view.caller.kind === 'root') return { ...result, exempt: true };
  if (!isForeignObject(view) && (isOwner || !policyAction)) return result;
  return { ...result, allow: NO, allowByRole: NO, allowDirectly: NO, allowed: [] };
}

function evaluateAclLayer(
  view: RequestView,
  { acl, publicAccessBlock }: CompiledPolicies,
): { result: LayerResult; ignored: boolean } | undefined {
  if (acl === undefined || view.service !== 's3') return undefined;
  const { naming, ignored } = evaluateAcl(acl, view, publicAccessBlock?.IgnorePublicAcls === true);
  const account = isForeignObject(view) ? view.request.objectOwner : view.resourceAccount;
  return { result: { ...bare('acl', account), ...namedAs(naming) }, ignored };
}

const namedAs = (naming: Naming) => ({
  allow: truthOf(naming !== UNNAMED),
  allowByRole: truthOf(naming >= BY_ROLE),
  allowDirectly: truthOf(naming === DIRECTLY),
});

const NOWHERE: Scope = { principals: false, resourceImplied: true, resource: '', other: undefined };

function bare(layer: Layer, account: string | undefined): LayerResult {
  return {
    layer,
    account,
    scope: NOWHERE,
    policies: [],
    deny: NO,
    allow: NO,
    allowByRole: NO,
    allowDirectly: NO,
    denied: [],
    allowed: [],
    exempt: false,
  };
}

/** A public policy shuts out every other account, but not AWS's services. */
function evaluatePublicAccess(view: RequestView, policies: CompiledPolicies): LayerResult | undefined {
  const { publicAccessBlock: settings } = policies;
  if (settings === undefined || view.service !== 's3') return undefined;
  const { caller, resourceAccount } = view;
  const isStranger =
    caller.kind !== 'service' && (caller.account === undefined || caller.account !== resourceAccount);
  const isPublic =
    policies.resource?.[0]?.document.isPublic('bucket') === true ||
    policies.accessPoint?.[0]?.document.isPublic('access-point') === true;
  const restricted = settings.RestrictPublicBuckets === true && isStranger && isPublic;
  const blocked = settings.BlockPublicAcls === true ? setsPublicAcl(view) : NO;
  const deny = either(truthOf(restricted), blocked);
  return { ...bare('public-access-block', resourceAccount), deny, exempt: deny === NO };
}
