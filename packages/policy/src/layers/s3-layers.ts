import type { CompiledPolicies } from '../statements/compile.ts';
import type { LayerResult } from './layers.ts';
import { BY_ROLE, DIRECTLY, UNNAMED } from '../statements/principal.ts';
import type { Naming } from '../statements/principal.ts';
import type { RequestView } from '../statements/request-view.ts';
import {
  evaluateAcl,
  isForeignObject,
  isPolicyAction,
  publicAclRequirements,
  setsPublicAcl,
} from './s3-rules.ts';
import type { Scope } from '../statements/scope.ts';
import type { Layer, Requirement } from '../decision.ts';
import { UNKNOWN, conditionKey } from '../statements/condition-key.ts';
import { MAYBE, NO, YES, either, truthOf } from '../statements/truth.ts';
import type { Truth } from '../statements/truth.ts';

/** Who may do what about bucket policies and other accounts' objects, whatever the policy says. */
export function withOwnersRule(view: RequestView, result: LayerResult): LayerResult {
  const policyAction = isPolicyAction(view);
  const isOwner = view.caller.account !== undefined && view.caller.account === view.resourceAccount;
  const mayAllow = !isForeignObject(view) && (isOwner || !policyAction);
  const kept = mayAllow ? result : allowingNothing(result);
  if (policyAction && !isOwner) return { ...kept, withheld: result };
  return policyAction && isOwner && view.caller.kind === 'root' ? { ...kept, exempt: true } : kept;
}

const allowingNothing = (result: LayerResult): LayerResult => ({
  ...result,
  allow: NO,
  allowByRole: NO,
  allowDirectly: NO,
  allowed: [],
});

export function evaluateAclLayer(
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

/**
 * An access point without a policy lets nobody in for its own part.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies
 */
export function withoutAccessPointPolicy(
  view: RequestView,
  account: string | undefined,
): LayerResult | undefined {
  if (view.accessPoint === undefined) return undefined;
  const result = bare('access-point-policy', account);
  if (view.accessPoint !== UNKNOWN) return result;
  return {
    ...result,
    allow: MAYBE,
    allowByRole: MAYBE,
    allowDirectly: MAYBE,
    requires: [PAST_ACCESS_POINTS],
  };
}

const PAST_ACCESS_POINTS: Requirement = {
  operator: 'Null',
  key: 's3:DataAccessPointArn',
  values: ['true'],
  statement: { policy: 'access point policy', index: 0, effect: 'Allow' },
};

/** A public policy shuts out every other account, but not AWS's services. */
export function evaluatePublicAccess(view: RequestView, policies: CompiledPolicies): LayerResult | undefined {
  const { publicAccessBlock: settings } = policies;
  if (settings === undefined) return undefined;
  const { caller, resourceAccount } = view;
  const isStranger =
    caller.kind !== 'service' && (caller.account === undefined || caller.account !== resourceAccount);
  const restricted = settings.RestrictPublicBuckets === true && isStranger ? isPublic(view, policies) : NO;
  const blocked = settings.BlockPublicAcls === true ? setsPublicAcl(view) : NO;
  const deny = either(restricted, blocked);
  const result: LayerResult = { ...bare('public-access-block', resourceAccount), deny, exempt: deny === NO };
  if (deny === MAYBE) {
    result.requires = [
      ...(blocked === MAYBE ? publicAclRequirements(view) : []),
      ...(restricted === MAYBE ? [IN_VPC] : []),
    ];
  }
  return result;
}

/** An access point that only a VPC reaches is never public. */
function isPublic(view: RequestView, { resource, accessPoint }: CompiledPolicies): Truth {
  if (resource?.[0]?.document.isPublic('bucket') === true) return YES;
  if (accessPoint?.[0]?.document.isPublic('access-point') !== true) return NO;
  const origin = view.get(NETWORK_ORIGIN);
  return origin === UNKNOWN ? MAYBE : truthOf(origin !== 'VPC');
}

const NETWORK_ORIGIN = conditionKey('s3:AccessPointNetworkOrigin');

const IN_VPC: Requirement = {
  operator: 'StringNotEquals',
  key: NETWORK_ORIGIN.written,
  values: ['VPC'],
  negated: true,
  statement: { policy: 'Block Public Access', index: 0, effect: 'Deny' },
};
