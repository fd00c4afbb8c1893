import { causesOf } from './causes.ts';
import type { Combination } from '../layers/combine.ts';
import type { Cause, Decision, Layer, LayerVerdict, Outcome, Requirement } from '../decision.ts';
import type { Evaluation } from '../layers/evaluate.ts';
import type { Hit, LayerResult } from '../layers/layers.ts';
import { nearestMisses, refTo } from './near-misses.ts';
import type { RequestView } from '../statements/request-view.ts';
import { layerRequirements, requirementsOf } from './requirements.ts';
import { layerName, quote, statementName } from './sentences.ts';
import { MAYBE, YES } from '../statements/truth.ts';
import type { Truth } from '../statements/truth.ts';

const OUTCOMES: Record<Truth, Outcome> = { 0: 'deny', 1: 'depends', 2: 'allow' };

/** Turns what the layers came to into the decision that people and programs read. */
export function describe(view: RequestView, evaluation: Evaluation, combination: Combination): Decision {
  const outcome = OUTCOMES[combination.outcome];
  const causes = outcome === 'deny' ? causesOf(view, evaluation, combination) : [];
  const requires = outcome === 'depends' ? requirementsOf(view, evaluation, combination) : [];
  const layers: LayerVerdict[] = [];
  for (const result of evaluation.all) layers.push(verdictOn(result, view, outcome));
  if (view.caller.kind === 'root' && evaluation.identity === undefined) layers.push(rootVerdict(view));
  for (const { layer, account } of causes) {
    if (layer === undefined || layers.some((verdict) => verdict.layer === layer)) continue;
    layers.push(withAccount({ layer, verdict: 'none', statements: [], nearestMisses: [] }, account));
  }
  const reason = reasonOf(view, outcome, causes, layers, requires);
  const decision: Decision = { outcome, reason, causes, layers, requires };
  return combination.keptToOwner ? { ...decision, keptToOwner: true } : decision;
}

function rootVerdict({ caller }: RequestView): LayerVerdict {
  const verdict: LayerVerdict = {
    layer: 'identity-policy',
    verdict: 'allow',
    statements: [],
    nearestMisses: [],
  };
  return withAccount(verdict, caller.account);
}

function withAccount(verdict: LayerVerdict, account: string | undefined): LayerVerdict {
  if (account !== undefined) verdict.account = account;
  return verdict;
}

function verdictOn(result: LayerResult, view: RequestView, outcome: Outcome): LayerVerdict {
  const verdict = verdictOf(result);
  const described: LayerVerdict = {
    layer: result.layer,
    verdict,
    statements: decidingHits(result, verdict).map(({ policy, statement }) => refTo(policy, statement)),
    nearestMisses: verdict === 'none' && outcome !== 'allow' ? nearestMisses(result, view) : [],
  };
  if (verdict === 'depends') described.requires = layerRequirements(result, view);
  return withAccount(described, result.account);
}

/** An RCP only denies: its one Allow is the policy that cannot be detached. */
function verdictOf({ layer, exempt, deny, allow }: LayerResult): LayerVerdict['verdict'] {
  if (exempt) return 'not-applicable';
  if (deny === YES) return 'explicit-deny';
  if (deny === MAYBE) return 'depends';
  if (layer === 'rcp' || allow === YES) return 'allow';
  return allow === MAYBE ? 'depends' : 'none';
}

function decidingHits({ denied, allowed }: LayerResult, verdict: LayerVerdict['verdict']): readonly Hit[] {
  switch (verdict) {
    case 'explicit-deny':
      return denied.filter(({ truth }) => truth === YES);
    case 'allow':
      return allowed.length === 1 ? allowed : allowed.filter(({ truth }) => truth === YES);
    case 'depends':
      return [...denied, ...allowed].filter(({ truth }) => truth === MAYBE);
    case 'none':
    case 'not-applicable':
      return [];
  }
}

function reasonOf(
  view: RequestView,
  outcome: Outcome,
  causes: readonly Cause[],
  layers: readonly LayerVerdict[],
  requires: readonly Requirement[],
): string {
  const { action, resource } = view.request;
  const asked = `${action} on ${resource}`;
  switch (outcome) {
    case 'allow':
      return `${asked} is allowed${allowedBy(layers)}.`;
    case 'deny': {
      const [first, ...others] = causes;
      const more =
        others.length === 0 ? '' : `; ${others.length} more ${others.length === 1 ? 'cause' : 'causes'}`;
      return `${asked} is denied: ${first?.detail ?? 'nothing allows it'}${more}.`;
    }
    case 'depends': {
      const keys = [...new Set(requires.map(({ key }) => quote(key)))].join(', ');
      const unread = layers.filter(
        ({ verdict, requires: needs }) => verdict === 'depends' && needs?.length === 0,
      );
      const what = [
        ...(keys === '' ? [] : [keys]),
        ...unread.map(({ layer }) => `an unread ${layerName(layer)}`),
      ];
      return `${asked} depends on ${what.join(' and ')}.`;
    }
  }
}

const GRANTING: ReadonlySet<Layer> = new Set([
  'identity-policy',
  'resource-policy',
  'access-point-policy',
  'trust-policy',
  'key-policy',
  'acl',
]);

function allowedBy(layers: readonly LayerVerdict[]): string {
  let text = '';
  for (const { layer, verdict, statements } of layers) {
    const [statement] = statements;
    if (verdict !== 'allow' || statement === undefined || !GRANTING.has(layer)) continue;
    text += `${text === '' ? ' by ' : ' and '}${statementName(statement)} of ${statement.policy}`;
  }
  return text;
}
