import { parsePolicy, type NamedPolicy, type PolicyDocument, type PolicyKind } from '@crossbucket/policy';
import { iamArn } from '../../store/arns.ts';
import type { GroupRecord, RoleRecord, UserRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call } from '../service.ts';
import { noSuchEntity } from './errors.ts';
import { kindOf } from './policy-entities.ts';
import { holdersOf } from './policy-uses.ts';

/** A policy of a simulation, with its text. */
export interface SimulatedPolicy extends NamedPolicy {
  text: string;
}

type Holder = UserRecord | RoleRecord | GroupRecord;

/** The user, role or group whose policies are simulated. */
export function requireSource(arn: string, call: Call): { holder: Holder; arn: string } {
  const holder = holdersOf(call).find((one) => arnOf(one) === arn);
  if (holder) return { holder, arn };
  throw noSuchEntity(`The entity with the ARN ${arn} cannot be found.`);
}

/** Everything that is put on an entity or attached to it, the policies of a user's groups too. */
export function policiesOf(holder: Holder, call: Call): SimulatedPolicy[] {
  const groups = 'groups' in holder ? holder.groups!.flatMap((id) => call.store.groups.byId(id) ?? []) : [];
  return [holder, ...groups].flatMap((one) => [...inlineOf(one), ...attachedTo(one, call)]);
}

export function boundaryOf(holder: Holder, call: Call): SimulatedPolicy | undefined {
  const arn = 'boundary' in holder ? holder.boundary : undefined;
  return arn === undefined ? undefined : managed(arn, call)[0];
}

/** Reads policies that a request brings, named by their place in it. */
export function readInputs(
  name: string,
  texts: readonly string[] = [],
  kind?: PolicyKind,
): SimulatedPolicy[] {
  return texts.map((text, index) => {
    const { document, problems } = parsePolicy(text, kind);
    const problem = problems.find(({ severity }) => severity === 'error');
    const place = `${name}.${index + 1}`;
    if (!document || problem)
      throw new AwsError(
        'InvalidInput',
        `Invalid policy at ${place}: ${problem?.message ?? 'it is no JSON'}`,
      );
    return { name: place, text, document };
  });
}

function inlineOf(holder: Holder): SimulatedPolicy[] {
  return Object.entries(holder.inline).map(([name, text]) => ({
    name: `${typeOf(holder)}_${holder.name}_${name}`,
    text,
    document: JSON.parse(text) as PolicyDocument,
  }));
}

function attachedTo(holder: Holder, call: Call): SimulatedPolicy[] {
  return holder.attached.flatMap((arn) => managed(arn, call));
}

function managed(arn: string, { store }: Call): SimulatedPolicy[] {
  const policy = store.findPolicy(arn);
  if (!policy) return [];
  const { text } = policy.versions.find(({ id }) => id === policy.defaultVersion)!;
  return [{ name: policy.name, arn, text, document: JSON.parse(text) as PolicyDocument }];
}

function arnOf(holder: Holder): string {
  return iamArn(typeOf(holder), holder.account, holder.path, holder.name);
}

function typeOf(holder: Holder): 'user' | 'role' | 'group' {
  return kindOf(holder).toLowerCase() as Lowercase<ReturnType<typeof kindOf>>;
}
