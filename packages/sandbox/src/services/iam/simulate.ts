import type { ContextEntry, EvaluationResult, OrderedOrganizationPolicyType } from '@aws-sdk/client-iam';
import type { ContextValue, PolicySet } from '@crossbucket/policy';
import { OrganizationReader } from '../../gate/organization.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { contextKeysOf } from './context-keys.ts';
import { pageOf, type PageInput } from './pages.ts';
import {
  boundaryOf,
  policiesOf,
  readInputs,
  requireSource,
  type SimulatedPolicy,
} from './simulated-policies.ts';
import { evaluateAction, type Simulation } from './simulation.ts';

/** Simulations, answered by the engine that decides real calls. */
export const simulateHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  SimulatePrincipalPolicy(input, call) {
    if (input.PolicyExclusionList !== undefined)
      throw new AwsError('NotImplemented', 'The sandbox does not implement PolicyExclusionList.', {
        status: 501,
      });
    const { holder, arn } = requireSource(input.PolicySourceArn!, call);
    const [boundary] = readInputs(
      'PermissionsBoundaryPolicyInputList',
      input.PermissionsBoundaryPolicyInputList,
      'boundary',
    );
    const organization = new OrganizationReader(call.store).read()?.accounts[call.caller.account];
    return simulate(input, call, {
      identity: [
        ...policiesOf(holder, call),
        ...readInputs('PolicyInputList', input.PolicyInputList, 'identity'),
      ],
      boundary: boundary ?? boundaryOf(holder, call),
      caller: input.CallerArn ?? (arn.includes(':group/') ? undefined : arn),
      ...(organization && { serviceControl: organization.serviceControl }),
    });
  },

  SimulateCustomPolicy(input, call) {
    const [boundary] = readInputs(
      'PermissionsBoundaryPolicyInputList',
      input.PermissionsBoundaryPolicyInputList,
      'boundary',
    );
    const levels = levelsOf(input.OrderedOrganizationPolicyInputList);
    return simulate(input, call, {
      identity: readInputs('PolicyInputList', input.PolicyInputList, 'identity'),
      boundary,
      caller: input.CallerArn,
      ...(levels && { serviceControl: levels }),
    });
  },

  GetContextKeysForCustomPolicy: (input) => ({
    ContextKeyNames: contextKeysOf(
      documentsOf(readInputs('PolicyInputList', input.PolicyInputList, 'identity')),
    ),
  }),

  GetContextKeysForPrincipalPolicy(input, call) {
    const { holder } = requireSource(input.PolicySourceArn!, call);
    const given = readInputs('PolicyInputList', input.PolicyInputList, 'identity');
    return { ContextKeyNames: contextKeysOf(documentsOf([...policiesOf(holder, call), ...given])) };
  },
};

interface SimulationInput extends PageInput {
  ActionNames: string[] | undefined;
  ResourceArns?: string[] | undefined;
  ResourcePolicy?: string | undefined;
  ResourceOwner?: string | undefined;
  ContextEntries?: ContextEntry[] | undefined;
}

interface Policies {
  identity: SimulatedPolicy[];
  boundary: SimulatedPolicy | undefined;
  /** ARN: which policies of resources need. */
  caller: string | undefined;
  serviceControl?: PolicySet['serviceControl'];
}

function simulate(input: SimulationInput, call: Call, { caller, ...policies }: Policies) {
  if (input.ResourcePolicy !== undefined && caller === undefined)
    throw new AwsError('InvalidInput', 'CallerArn is required with a ResourcePolicy.');
  const principal = principalOf(caller ?? call.caller.arn);
  const [resource] = readInputs(
    'ResourcePolicy',
    input.ResourcePolicy === undefined ? [] : [input.ResourcePolicy],
  );
  const simulation: Simulation = {
    ...policies,
    principal,
    resourcePolicy: resource && { ...resource, name: 'ResourcePolicy' },
    owner: ownerOf(input.ResourceOwner) ?? principal.split(':')[4]!,
    resources: input.ResourceArns ?? ['*'],
    context: contextOf(input.ContextEntries ?? [], call),
  };
  const actions = input.ActionNames!.map(requireAction);
  const results: EvaluationResult[] = actions.map((action) => evaluateAction(action, simulation));
  const { page, more } = pageOf(results, input);
  return { EvaluationResults: page, ...more };
}

function levelsOf(levels: OrderedOrganizationPolicyType[] | undefined): PolicySet['serviceControl'] {
  return levels?.map(({ ServiceControlPolicyInputList: texts }) =>
    readInputs('ServiceControlPolicyInputList', texts, 'scp'),
  );
}

/** A simulation is of a user or role; a group's policies are tried as those of one who has them. */
function principalOf(arn: string): string {
  const [, account, kind, name] = /^arn:aws:iam::(\d{12}):(user|role|group)\/(.+)$/.exec(arn) ?? [];
  if (kind === 'group') return `arn:aws:iam::${account}:user/${name}`;
  if (kind !== undefined) return arn;
  const own = /^arn:aws:(?:iam|sts)::(\d{12}):/.exec(arn)?.[1];
  if (own !== undefined && !arn.includes(':assumed-role/') && !arn.includes(':federated-user/'))
    return `arn:aws:iam::${own}:user/simulated`;
  throw new AwsError('InvalidInput', `CallerArn must be the ARN of an IAM user, group or role, not ${arn}.`);
}

function requireAction(action: string): string {
  if (/^[\w-]+:\w+$/.test(action)) return action;
  throw new AwsError(
    'InvalidInput',
    `Invalid action ${action}: it must be in the form service:Action, without wildcards.`,
  );
}

function ownerOf(owner: string | undefined): string | undefined {
  if (owner === undefined) return undefined;
  const account = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(owner)?.[1];
  if (account !== undefined) return account;
  throw new AwsError('InvalidInput', `ResourceOwner must name an account, and ${owner} does not.`);
}

function contextOf(entries: readonly ContextEntry[], { clock }: Call): Record<string, ContextValue> {
  const now = clock.now();
  const given = entries.flatMap(
    ({ ContextKeyName: name, ContextKeyValues: values = [], ContextKeyType: type }) => {
      if (name === undefined) return [];
      return [[name, type?.endsWith('List') ? values : (values[0] ?? '')] as const];
    },
  );
  return {
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': Math.floor(now / 1000),
    ...Object.fromEntries(given),
  };
}

function documentsOf(policies: readonly SimulatedPolicy[]) {
  return policies.map(({ document }) => document);
}
