import type { Evaluation } from './evaluate.ts';
import type { LayerResult } from './layers.ts';
import type { RequestView } from '../statements/request-view.ts';
import { isForeignObject } from './s3-rules.ts';
import { parseCaller } from '../statements/principal.ts';
import { NO, YES, both, either, not } from '../statements/truth.ts';
import type { Truth } from '../statements/truth.ts';

/**
 * How the two sides of a request stand to each other. `outside`: the caller has no account whose policies could allow it (anonymous, a service,
 * an identity provider), so the resource's side alone decides.
 */
export type Relation = 'same-account' | 'cross-account' | 'outside';

/** What each side grants, before anything narrows it. */
export interface Combination {
  relation: Relation;
  /** The resource's side must take part: a key's and a role's own policy decide who may use them. */
  resourceDecides: boolean;
  outcome: Truth;
  notDenied: Truth;
  /** Both sides together, within boundary and session policies. */
  granted: Truth;
  identity: Truth;
  boundary: Truth;
  session: Truth;
  /** Boundary and session policies count whatever the resource's side allows. */
  isLimited: boolean;
  resource: Grant;
  /** Everything allows it, but that it is kept to the resource's own account. */
  keptToOwner: boolean;
}

/** Allowed in any way; by role or direct naming; by direct naming. */
export interface Grant {
  allow: Truth;
  byRole: Truth;
  directly: Truth;
}

const NOTHING: Grant = { allow: NO, byRole: NO, directly: NO };

/**
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 * https://docs.aws.amazon.com/en_us/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
 */
export function combine(view: RequestView, evaluation: Evaluation): Combination {
  const { caller } = view;
  const relation = relationOf(view);
  const resourceDecides = evaluation.resourceLayer !== 'resource-policy';
  const isRoot = caller.kind === 'root';

  // A session that the account's root made for a federated user has all that its session policies leave.
  const identity = isRoot || isMadeByRoot(view) ? YES : allowOf(evaluation.identity, NO);
  const boundary = allowOf(evaluation.boundary, YES);
  // Without a session policy, a federated user's credentials carry no permissions of their own.
  const session = allowOf(evaluation.session, caller.kind === 'federated-user' ? NO : YES);
  const limits = both(boundary, session);
  const resource = resourceGrant(view, evaluation);

  const granted = grantOf(relation, resourceDecides, identity, limits, resource);
  let denied = NO;
  for (const layer of evaluation.all) if (!layer.exempt) denied = either(denied, layer.deny);
  const notDenied = not(denied);
  const organization = both(allowOf(evaluation.serviceControl, YES), allowOf(evaluation.vpcEndpoint, YES));
  const outcomeOf = (grant: Truth) => both(notDenied, both(organization, grant));
  const withheld = evaluation.resource?.withheld;
  const otherwise = withheld && resourceGrant(view, { ...evaluation, resource: withheld });
  return {
    relation,
    resourceDecides,
    outcome: outcomeOf(granted),
    notDenied,
    granted,
    identity,
    boundary,
    session,
    isLimited: relation === 'cross-account' || isLimitedByTrust(view, evaluation),
    resource,
    keptToOwner:
      otherwise !== undefined &&
      outcomeOf(grantOf(relation, resourceDecides, identity, limits, otherwise)) === YES,
  };
}

function isMadeByRoot({ federatedBy }: RequestView): boolean {
  return federatedBy !== undefined && parseCaller(federatedBy).kind === 'root';
}

function grantOf(
  relation: Relation,
  resourceDecides: boolean,
  identity: Truth,
  limits: Truth,
  resource: Grant,
): Truth {
  switch (relation) {
    case 'outside':
      return resource.directly;
    case 'cross-account':
      return both(resource.allow, both(identity, limits));
    case 'same-account': {
      const own = resourceDecides ? both(identity, resource.allow) : identity;
      return either(resource.directly, both(limits, either(resource.byRole, own)));
    }
  }
}

function relationOf(view: RequestView): Relation {
  const { caller } = view;
  if (caller.account === undefined || caller.kind === 'provider') return 'outside';
  const owner = isForeignObject(view) ? view.request.objectOwner : view.resourceAccount;
  return caller.account === owner ? 'same-account' : 'cross-account';
}

/** Policy or ACL, and the access point's policy with it where the call goes through one. */
function resourceGrant(view: RequestView, evaluation: Evaluation): Grant {
  const { resource, acl, accessPoint } = evaluation;
  if (view.caller.kind === 'root' && view.action === 'sts:assumerole') return NOTHING;
  const whole = eitherGrant(grantBy(resource), grantBy(acl));
  const own = isLimitedByTrust(view, evaluation) ? { ...whole, directly: NO } : whole;
  if (accessPoint === undefined) return own;
  const through = grantBy(accessPoint);
  return {
    allow: both(own.allow, through.allow),
    byRole: both(own.byRole, through.byRole),
    directly: both(own.directly, through.directly),
  };
}

/**
 * A user's permissions boundary must allow `sts:AssumeRole` even where the trust policy names the user.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
 */
const isLimitedByTrust = ({ caller }: RequestView, { resourceLayer }: Evaluation): boolean =>
  resourceLayer === 'trust-policy' && caller.kind === 'user';

function grantBy(result: LayerResult | undefined): Grant {
  if (result === undefined) return NOTHING;
  return { allow: result.allow, byRole: result.allowByRole, directly: result.allowDirectly };
}

function eitherGrant(one: Grant, other: Grant): Grant {
  if (other === NOTHING) return one;
  return {
    allow: either(one.allow, other.allow),
    byRole: either(one.byRole, other.byRole),
    directly: either(one.directly, other.directly),
  };
}

/** `absent` is what the layer comes to where it is not there. */
const allowOf = (result: LayerResult | undefined, absent: Truth): Truth =>
  result === undefined || result.exempt ? absent : result.allow;
