import type { ContextValue } from '@crossbucket/policy';
import { AUTH_ERRORS } from '../../gate/auth-errors.ts';
import { iamArn, type EntityKind } from '../../store/arns.ts';
import type { TagRecord } from '../../store/records.ts';
import { entityKey } from '../../store/store.ts';
import type { LoadedService, Survey } from '../service.ts';
import { requireInput } from './input.ts';

type Known = Parameters<LoadedService['survey']>[2];

interface Named {
  account: string;
  path: string;
  name: string;
  tags?: readonly TagRecord[];
  boundary?: string;
}

/** Finds the paths of what a call names, which are part of the ARN that its policies speak of, and its tags. */
export function survey(operation: string, input: Record<string, unknown>, known: Known): Survey {
  const { store, caller } = known;
  requireSession(caller);
  requireInput(input);
  const resourceArns: string[] = [];
  const context: Record<string, ContextValue> = {};
  const note = (kind: EntityKind, record: Named | undefined): void => {
    if (!record) return;
    resourceArns.push(iamArn(kind, record.account, record.path, record.name));
    Object.assign(context, tagKeys(record.tags ?? []));
    if (record.boundary !== undefined && ASKS_FOR_BOUNDARY.test(operation))
      context['iam:PermissionsBoundary'] = record.boundary;
  };
  for (const [member, kind] of MEMBERS) {
    const name = input[member];
    if (typeof name === 'string') note(kind, store[COLLECTIONS[kind]].get(entityKey(caller.account, name)));
  }
  // Where a call names an entity as well, the policy is what is put on it.
  if (resourceArns.length === 0)
    for (const tags of tagsByArn(input, known)) Object.assign(context, tagKeys(tags));
  return { facts: { resourceArns }, context };
}

/** Operations whose conditions may ask for the boundary of the entity that they change, by the catalog of actions. */
const ASKS_FOR_BOUNDARY = /^(?:Attach|Detach|Put|Delete)(?:User|Role)(?:Policy|PermissionsBoundary)$/;

/** What sessions without a role may not call, as the SDK's model of STS says. */
function requireSession({ session }: Known['caller']): void {
  if (!session || session.kind === 'role') return;
  if (session.kind === 'user' && session.authenticated !== undefined) return;
  throw AUTH_ERRORS.query.invalidToken();
}

const MEMBERS = [
  ['UserName', 'user'],
  ['RoleName', 'role'],
  ['GroupName', 'group'],
  ['InstanceProfileName', 'instance-profile'],
] as const;

const COLLECTIONS = {
  user: 'users',
  role: 'roles',
  group: 'groups',
  'instance-profile': 'instanceProfiles',
} as const;

/** The tags of what a call names by its ARN. */
function tagsByArn(input: Record<string, unknown>, { store }: Known): (readonly TagRecord[])[] {
  const found = [
    store.findPolicy(textOf(input['PolicyArn'])),
    store.mfaDevices.get(textOf(input['SerialNumber'])),
    store.oidcProviders.get(textOf(input['OpenIDConnectProviderArn'])),
  ];
  return found.flatMap((record) => (record ? [record.tags] : []));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
function tagKeys(tags: readonly TagRecord[]): Record<string, ContextValue> {
  return Object.fromEntries(
    tags.flatMap(({ Key, Value }) => [
      [`aws:ResourceTag/${Key}`, Value],
      [`iam:ResourceTag/${Key}`, Value],
    ]),
  );
}
