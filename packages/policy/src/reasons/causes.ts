import type { Combination } from '../layers/combine.ts';
import type { Cause, CauseCode, Layer, NearestMiss, StatementRef } from '../decision.ts';
import type { Evaluation } from '../layers/evaluate.ts';
import type { Hit, LayerResult } from '../layers/layers.ts';
import { nearestMisses, refTo } from './near-misses.ts';
import type { RequestView } from '../statements/request-view.ts';
import { isForeignObject } from '../layers/s3-rules.ts';
import { causesOfMiss } from './miss-causes.ts';
import { describeMiss, layerName, quote, statementName } from './sentences.ts';
import { NO, YES } from '../statements/truth.ts';

const EXPLICIT: Partial<Record<Layer, CauseCode>> = {
  'identity-policy': 'identity-policy-explicit-deny',
  boundary: 'boundary-explicit-deny',
  'session-policy': 'session-policy-explicit-deny',
  'resource-policy': 'resource-policy-explicit-deny',
  'access-point-policy': 'access-point-policy-explicit-deny',
  scp: 'scp-explicit-deny',
  rcp: 'rcp-explicit-deny',
  'vpc-endpoint-policy': 'vpc-endpoint-policy-explicit-deny',
  'trust-policy': 'trust-policy-explicit-deny',
  'key-policy': 'kms-key-policy',
  'public-access-block': 'public-access-block',
};

const MISSING: Partial<Record<Layer, CauseCode>> = {
  'identity-policy': 'identity-policy-missing-allow',
  boundary: 'boundary-missing-allow',
  'session-policy': 'session-policy-missing-allow',
  'resource-policy': 'resource-policy-missing-allow',
  'access-point-policy': 'access-point-policy-missing-allow',
  scp: 'scp-missing-allow',
  'vpc-endpoint-policy': 'vpc-endpoint-policy-missing-allow',
  'trust-policy': 'trust-policy-missing-allow',
  'key-policy': 'kms-key-policy',
  acl: 'object-ownership',
};

/** Everything that stands in the way: what denies first, then what does not allow. */
export function causesOf(view: RequestView, evaluation: Evaluation, combination: Combination): Cause[] {
  return [...denials(view, evaluation), ...missingAllows(view, evaluation, combination)];
}

function denials(view: RequestView, evaluation: Evaluation): Cause[] {
  return evaluation.all.flatMap((result) => {
    if (result.exempt || result.deny !== YES) return [];
    if (result.layer !== 'public-access-block') {
      return result.denied.filter(({ truth }) => truth === YES).map((hit) => denial(view, result, hit));
    }
    const owner = result.account === undefined ? 'the bucket' : `account ${result.account}`;
    const detail = `Block Public Access of ${owner} keeps ${quote(view.caller.text)} out`;
    return [causeOf('public-access-block', { account: result.account, layer: result.layer, detail })];
  });
}

function denial(view: RequestView, { layer, account }: LayerResult, { policy, statement }: Hit): Cause {
  const ref = refTo(policy, statement);
  const detail = `${statementName(ref)} of the ${layerName(layer)} ${quote(policy.name)} denies ${asked(view)}`;
  return causeOf(EXPLICIT[layer]!, { account, layer, policy, statement: ref, detail });
}

interface CauseFacts {
  account: string | undefined;
  layer: Layer;
  policy?: { name: string; arn?: string | undefined } | undefined;
  statement?: StatementRef | undefined;
  detail: string;
}

/** Leaves out what is not known. */
function causeOf(code: CauseCode, { account, layer, policy, statement, detail }: CauseFacts): Cause {
  const cause: Cause = { code, layer, detail };
  if (account !== undefined) cause.account = account;
  if (policy !== undefined) {
    cause.document = { kind: layer, name: policy.name };
    if (policy.arn !== undefined) cause.document.arn = policy.arn;
  }
  if (statement !== undefined) cause.statement = statement;
  return cause;
}

function missingAllows(view: RequestView, evaluation: Evaluation, combination: Combination): Cause[] {
  const causes: Cause[] = [];
  const add = (found: Cause[]) => causes.push(...found);
  for (const name of ['serviceControl', 'vpcEndpoint'] as const) {
    const result = evaluation[name];
    if (result && !result.exempt && result.allow === NO) add(missing(view, result, result.layer));
  }
  if (combination.granted !== NO) return causes;

  const { relation, resourceDecides, resource, identity, isLimited } = combination;
  const isOutside = relation === 'outside';
  const granted = isOutside ? resource.directly : resource.allow;
  const isForResource = granted === NO && (relation !== 'same-account' || resourceDecides);
  if (isForResource) add(missingOnResource(view, evaluation, isOutside));
  // Within an account, a policy of the resource that names the caller takes no identity policy besides.
  if (isOutside || (isForResource && !isLimited)) return causes;
  if (identity === NO && (relation === 'cross-account' || (!isForResource && resource.byRole === NO))) {
    add(missing(view, evaluation.identity, 'identity-policy'));
  }
  if (combination.boundary === NO) add(missing(view, evaluation.boundary, 'boundary'));
  if (combination.session === NO) add(missing(view, evaluation.session, 'session-policy'));
  return causes;
}

function missingOnResource(view: RequestView, evaluation: Evaluation, needsNaming: boolean): Cause[] {
  const { resource, acl, accessPoint } = evaluation;
  const lacks = (result: LayerResult) => (needsNaming ? result.allowDirectly : result.allow) === NO;
  if (view.caller.kind === 'root' && view.action === 'sts:assumerole') return [rootAssumes(view)];
  const causes: Cause[] = [];
  if (accessPoint !== undefined && lacks(accessPoint)) {
    causes.push(...missing(view, accessPoint, 'access-point-policy'));
  }
  if ((resource !== undefined && !lacks(resource)) || (acl !== undefined && !lacks(acl))) return causes;
  if (resource?.withheld !== undefined && !lacks(resource.withheld)) {
    const detail = `only identities of account ${view.resourceAccount} may read or change the policy of its bucket, whatever the policy allows`;
    causes.push(
      causeOf('resource-policy-missing-allow', {
        account: view.resourceAccount,
        layer: 'resource-policy',
        policy: resource.policies[0],
        detail,
      }),
    );
  } else if (isForeignObject(view)) {
    const { objectOwner, resource: arn } = view.request;
    const detail = `${quote(arn)} belongs to account ${objectOwner}, and no ACL of it allows ${quote(view.request.action)} to ${quote(view.caller.text)}`;
    causes.push(causeOf('object-ownership', { account: objectOwner, layer: 'acl', detail }));
  } else if (evaluation.ignoredAcl) {
    const detail = `an ACL allows everyone, and Block Public Access ignores it (IgnorePublicAcls)`;
    const where = { account: view.resourceAccount, layer: 'public-access-block' as const };
    causes.push(causeOf('public-access-block', { ...where, detail }));
  } else causes.push(...missing(view, resource, evaluation.resourceLayer));
  return causes;
}

function rootAssumes({ caller, resourceAccount }: RequestView): Cause {
  const detail = `the root of account ${caller.account} cannot assume a role, whatever its trust policy says`;
  return causeOf('trust-policy-missing-allow', { account: resourceAccount, layer: 'trust-policy', detail });
}

/** One cause for a layer without an Allow, or what its nearest miss says of it. */
function missing(view: RequestView, result: LayerResult | undefined, layer: Layer): Cause[] {
  const account = result?.account ?? (CALLERS_OWN.has(layer) ? view.caller.account : view.resourceAccount);
  const [miss] = result === undefined ? [] : nearestMisses(result, view);
  const nothing = `no ${layerName(layer)}${account === undefined ? '' : ` of account ${account}`} allows ${asked(view)}`;
  const general =
    layer === 'identity-policy' && view.service === 'kms' ? 'kms-identity-policy' : MISSING[layer]!;
  const policy = miss ? { name: miss.policy, arn: miss.policyArn } : result?.policies[0];
  if (miss === undefined) return [causeOf(general, { account, layer, policy, detail: nothing })];
  return causesOfMiss({ layer, action: view.action }, miss, general).map(({ code, failed }) => {
    const detail = `${nothing}: ${describeMiss({ ...miss, failed })}`;
    return causeOf(code, { account, layer, policy, statement: withoutFailures(miss), detail });
  });
}

function withoutFailures(miss: NearestMiss): StatementRef {
  const { failed: _failed, ...ref } = miss;
  return ref;
}

const CALLERS_OWN: ReadonlySet<Layer> = new Set(['identity-policy', 'boundary', 'session-policy', 'scp']);

const asked = ({ request, caller }: RequestView) =>
  `${quote(request.action)} on ${quote(request.resource)} to ${quote(caller.text)}`;
