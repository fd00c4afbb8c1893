import type { CompiledPolicies, CompiledPolicy } from '../statements/compile.ts';
import type { Layer } from '../decision.ts';
import { evaluateLayer, evaluateLevels, unreadLayer } from './layers.ts';
import type { LayerResult } from './layers.ts';
import type { RequestView } from '../statements/request-view.ts';
import {
  evaluateAclLayer,
  evaluatePublicAccess,
  withOwnersRule,
  withoutAccessPointPolicy,
} from './s3-layers.ts';
import { scopesOf } from './scopes.ts';
import type { Scope } from '../statements/scope.ts';
import { MAYBE, YES } from '../statements/truth.ts';

/** What every layer says of a request; a layer that is not there is undefined. */
export interface Evaluation {
  /** Those that are there, in the order in which a denial is told. */
  all: LayerResult[];
  /** What the resource's own policy is. */
  resourceLayer: 'trust-policy' | 'key-policy' | 'resource-policy';
  resourceControl: LayerResult | undefined;
  serviceControl: LayerResult | undefined;
  vpcEndpoint: LayerResult | undefined;
  accessPoint: LayerResult | undefined;
  resource: LayerResult | undefined;
  acl: LayerResult | undefined;
  identity: LayerResult | undefined;
  boundary: LayerResult | undefined;
  session: LayerResult | undefined;
  /** An ACL that allows everyone was left aside for Block Public Access. */
  ignoredAcl: boolean;
}

type Policies = readonly CompiledPolicy[] | undefined;

export function evaluate(view: RequestView, policies: CompiledPolicies): Evaluation {
  const { caller, resourceAccount } = view;
  const { unread } = policies;
  if (policies.boundary !== undefined) view.hasBoundary = YES;
  else if (unread?.has('boundary') === true) view.hasBoundary = MAYBE;

  const resourceLayer = resourceLayerOf(view);
  const scopes = scopesOf(view, resourceLayer === 'trust-policy');
  const all: LayerResult[] = [];
  const keep = (result: LayerResult | undefined): LayerResult | undefined => {
    if (result !== undefined) all.push(result);
    return result;
  };
  const read = (layer: Layer, account: string | undefined, list: Policies, scope: Scope) => {
    const isUnread = unread?.has(layer) === true;
    if (list === undefined && !isUnread) return undefined;
    const result = evaluateLayer(layer, account, list ?? [], view, scope);
    return isUnread ? unreadLayer(result) : result;
  };

  const resourceControl = keep(
    organizationLayer('rcp', view, policies.resourceControl, unread, scopes.naming),
  );
  const isS3 = view.service === 's3';
  const hasIdentity = caller.account !== undefined && caller.kind !== 'provider';
  const isLimited = hasIdentity && caller.kind !== 'root';
  const serviceControl = hasIdentity
    ? keep(organizationLayer('scp', view, policies.serviceControl, unread, scopes.plain))
    : undefined;
  const vpcEndpoint = keep(read('vpc-endpoint-policy', undefined, policies.vpcEndpoint, scopes.naming));
  if (isS3) keep(evaluatePublicAccess(view, policies));
  const apAccount = typeof view.accessPoint === 'string' ? view.accessPoint.split(':')[4] : undefined;
  const accessPoint = keep(
    read('access-point-policy', apAccount, policies.accessPoint, scopes.accessPoint) ??
      withoutAccessPointPolicy(view, apAccount),
  );
  const own = read(resourceLayer, resourceAccount, policies.resource, scopes.resource);
  const resource = keep(own !== undefined && isS3 ? withOwnersRule(view, own) : own);
  const acl = isS3 ? evaluateAclLayer(view, policies) : undefined;
  keep(acl?.result);
  return {
    all,
    resourceLayer,
    resourceControl,
    serviceControl,
    vpcEndpoint,
    accessPoint,
    resource,
    acl: acl?.result,
    identity: hasIdentity
      ? keep(read('identity-policy', caller.account, policies.identity, scopes.plain))
      : undefined,
    boundary: isLimited ? keep(read('boundary', caller.account, policies.boundary, scopes.plain)) : undefined,
    session: isLimited
      ? keep(read('session-policy', caller.account, policies.session, scopes.plain))
      : undefined,
    ignoredAcl: acl?.ignored ?? false,
  };
}

function resourceLayerOf({ service, request }: RequestView): Evaluation['resourceLayer'] {
  if (service === 'sts' && request.resource.includes(':role/')) return 'trust-policy';
  if (service === 'kms' && request.resource.includes(':key/')) return 'key-policy';
  return 'resource-policy';
}

/**
 * SCPs bind the caller's account, RCPs the resource's; neither the management account nor service-linked roles.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
 */
function organizationLayer(
  layer: 'scp' | 'rcp',
  view: RequestView,
  levels: readonly (readonly CompiledPolicy[])[] | undefined,
  unread: ReadonlySet<Layer> | undefined,
  scope: Scope,
): LayerResult | undefined {
  const isUnread = unread?.has(layer) === true;
  if (levels === undefined && !isUnread) return undefined;
  const account = layer === 'scp' ? view.caller.account : view.resourceAccount;
  const known = evaluateLevels(layer, account, levels ?? [], view, scope);
  const result = isUnread ? unreadLayer(known) : known;
  const isManagement = account !== undefined && view.request.managementAccounts?.includes(account) === true;
  const exempt =
    isManagement || view.caller.serviceLinked || (layer === 'rcp' && !RCP_SERVICES.has(view.service));
  return exempt ? { ...result, exempt } : result;
}

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
