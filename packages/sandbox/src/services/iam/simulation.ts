import type {
  EvaluationResult,
  PolicyEvaluationDecisionType,
  PolicySourceType,
  ResourceSpecificResult,
  Statement,
} from '@aws-sdk/client-iam';
import {
  authorize,
  findAction,
  type ContextValue,
  type Decision,
  type PolicySet,
  type StatementRef,
} from '@crossbucket/policy';
import { contextKeysOf } from './context-keys.ts';
import type { SimulatedPolicy } from './simulated-policies.ts';
import { statementSpans } from './statement-positions.ts';

/** What is held against each action. */
export interface Simulation {
  identity: SimulatedPolicy[];
  boundary: SimulatedPolicy | undefined;
  resourcePolicy: SimulatedPolicy | undefined;
  serviceControl?: PolicySet['serviceControl'];
  /** ARN of a user or role. */
  principal: string;
  /** Account of resources whose ARNs name none. */
  owner: string;
  /** ARNs, or `*`. */
  resources: readonly string[];
  context: Record<string, ContextValue>;
}

/**
 * The worst that happens to an action on any of the resources, and what happens on each.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
 */
export function evaluateAction(action: string, simulation: Simulation): EvaluationResult {
  const { resources } = simulation;
  const decisions = resources.map((resource) => decide(action, resource, simulation));
  const verdicts = decisions.map(verdictOf);
  const worst = SEVERITY.find((one) => verdicts.includes(one)) ?? 'allowed';
  const missing = missingKeys(simulation);
  const matched = decisions.flatMap((decision) => decidingStatements(decision, simulation));
  const isGeneral = resources.every((resource) => resource === '*');
  return {
    EvalActionName: action,
    EvalResourceName: resources.length === 1 ? resources[0]! : templateOf(action, resources[0]!),
    EvalDecision: worst,
    MatchedStatements: unique(matched),
    MissingContextValues: missing,
    ...layersOf(decisions, simulation),
    ...(isAcross(resources, simulation) && detailsOf(decisions, simulation)),
    ...(!isGeneral && {
      ResourceSpecificResults: resources.map((resource, index): ResourceSpecificResult => {
        const decision = decisions[index]!;
        const across = isAcross([resource], simulation);
        return {
          EvalResourceName: resource,
          EvalResourceDecision: verdicts[index]!,
          MatchedStatements: (across ? matchedStatements : decidingStatements)(decision, simulation),
          MissingContextValues: missing,
          ...boundaryDetail([decision], simulation),
          ...(across && detailsOf([decision], simulation)),
        };
      }),
    }),
  };
}

const SEVERITY: readonly PolicyEvaluationDecisionType[] = ['explicitDeny', 'implicitDeny'];

function decide(action: string, resource: string, simulation: Simulation): Decision {
  const account = accountOf(resource, simulation);
  const { principal, context, identity, boundary, resourcePolicy, serviceControl } = simulation;
  return authorize(
    { principal, action, resource, resourceAccount: account, context },
    {
      identity,
      ...(boundary && { boundary }),
      ...(resourcePolicy && { resource: resourcePolicy }),
      ...(serviceControl && { serviceControl }),
    },
  );
}

function verdictOf({ outcome, layers }: Decision): PolicyEvaluationDecisionType {
  if (outcome === 'allow') return 'allowed';
  return layers.some(({ verdict }) => verdict === 'explicit-deny') ? 'explicitDeny' : 'implicitDeny';
}

function layersOf(decisions: readonly Decision[], simulation: Simulation) {
  const allowed = decisions.every(({ layers }) => isAllowedBy('scp', layers));
  return {
    ...(simulation.serviceControl && { OrganizationsDecisionDetail: { AllowedByOrganizations: allowed } }),
    ...boundaryDetail(decisions, simulation),
  };
}

function boundaryDetail(decisions: readonly Decision[], { boundary }: Simulation) {
  if (!boundary) return {};
  const allowed = decisions.every(({ layers }) => isAllowedBy('boundary', layers));
  return { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: allowed } };
}

function isAllowedBy(name: 'scp' | 'boundary', layers: Decision['layers']): boolean {
  return layers.every(({ layer, verdict }) => layer !== name || verdict === 'allow');
}

const accountOf = (resource: string, { owner }: Simulation): string =>
  /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(resource)?.[1] ?? owner;

/** Whether a resource is of another account than the principal. */
const isAcross = (resources: readonly string[], simulation: Simulation): boolean =>
  resources.some((resource) => accountOf(resource, simulation) !== simulation.principal.split(':')[4]);

/** What each kind of policy says by itself: told of simulations across accounts alone. */
function detailsOf(decisions: readonly Decision[], simulation: Simulation) {
  const kinds = [
    ['identity-policy', 'IAM Policy', true],
    ['resource-policy', 'Resource Policy', simulation.resourcePolicy !== undefined],
    ['boundary', 'Permissions Boundary Policy', simulation.boundary !== undefined],
  ] as const;
  const entries = kinds
    .filter(([, , isThere]) => isThere)
    .map(([kind, name]) => {
      const verdicts = decisions.flatMap(({ layers }) => layers).filter(({ layer }) => layer === kind);
      if (verdicts.some(({ verdict }) => verdict === 'explicit-deny')) return [name, 'explicitDeny'];
      return [name, verdicts.every(({ verdict }) => verdict === 'allow') ? 'allowed' : 'implicitDeny'];
    });
  return { EvalDecisionDetails: Object.fromEntries(entries) as Record<string, PolicyEvaluationDecisionType> };
}

/** The statements that decided: of identity and resource policies, the denying ones alone where one denies. */
function decidingStatements(decision: Decision, simulation: Simulation): Statement[] {
  return verdictOf(decision) === 'implicitDeny' ? [] : matchedStatements(decision, simulation);
}

function matchedStatements(decision: Decision, simulation: Simulation): Statement[] {
  const effect = verdictOf(decision) === 'explicitDeny' ? 'Deny' : 'Allow';
  return decision.layers
    .filter(({ layer }) => layer === 'identity-policy' || layer === 'resource-policy')
    .flatMap(({ statements }) => statements)
    .filter((statement) => statement.effect === effect)
    .map((statement) => describeStatement(statement, simulation));
}

// As in AWS's examples, which do not keep to the values of its model.
const [IDENTITY_POLICY, RESOURCE_POLICY] = ['IAM Policy', 'Resource Policy'] as unknown as PolicySourceType[];

function describeStatement(
  { policy, index }: StatementRef,
  { identity, resourcePolicy }: Simulation,
): Statement {
  const source = [...identity, resourcePolicy].find((one) => one?.name === policy);
  const span = source && statementSpans(source.text)[index];
  return {
    SourcePolicyId: policy,
    ...(source && { SourcePolicyType: source === resourcePolicy ? RESOURCE_POLICY : IDENTITY_POLICY }),
    ...(span && { StartPosition: span.start, EndPosition: span.end }),
  };
}

/** Keys that follow from the principal and the resource. */
const DERIVED = new Set(
  ['username', 'userid', 'principalarn', 'principalaccount', 'principaltype', 'resourceaccount'].map(
    (name) => `aws:${name}`,
  ),
);

function missingKeys({ identity, resourcePolicy, context }: Simulation): string[] {
  const given = new Set(Object.keys(context).map((key) => key.toLowerCase()));
  const documents = [...identity, ...(resourcePolicy ? [resourcePolicy] : [])].map(
    ({ document }) => document,
  );
  return contextKeysOf(documents).filter(
    (key) => !given.has(key.toLowerCase()) && !DERIVED.has(key.toLowerCase()),
  );
}

/** `arn:aws:s3:::${BucketName}/${ObjectName}`: the form of what an action acts on, which stands for several. */
function templateOf(action: string, resource: string): string {
  const forms = (findAction(action)?.resources ?? []).map(({ arn }) => arn);
  const form = forms.find((arn) => patternOf(arn).test(resource)) ?? forms[0];
  return form === undefined ? '*' : form.replace('{Partition}', 'aws').replaceAll(/\{(\w+)\+?\}/g, '${$1}');
}

function patternOf(form: string): RegExp {
  const parts = form.split(/(\{\w+\+?\})/).map((part) => {
    if (!part.startsWith('{')) return part.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`);
    return part.endsWith('+}') ? '.+' : '[^:/]+';
  });
  return new RegExp(`^${parts.join('')}$`, 's');
}

function unique(statements: readonly Statement[]): Statement[] {
  const known = new Map(statements.map((statement) => [JSON.stringify(statement), statement]));
  return [...known.values()];
}
