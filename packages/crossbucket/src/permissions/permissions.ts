import type { PolicyDocument, Statement } from '@crossbucket/policy';
import type { GrantSpec, Spec } from '../spec/index.ts';
import * as needs from './needs/index.ts';
import type { Need, Needs } from './needs/index.ts';
import { placesOf, type Places } from './places.ts';

type Role = 'source' | 'destination' | 'organization' | 'trail';

const DOCUMENTS = { source: [needs.readSource], destination: [needs.readDocuments] };
const PLAN = {
  source: DOCUMENTS.source,
  destination: [...DOCUMENTS.destination, needs.readKeyGrants, needs.readSurroundings],
};
const EXPLAIN = {
  source: [needs.explainSource],
  destination: [needs.explainDestination, needs.readAliases],
  organization: [needs.readOrganization],
};

const WHO = {
  source: [needs.readAccounts],
  destination: [needs.readAccounts, needs.readPoints],
  organization: [needs.readOrganization],
};

const WHOLE_ACCOUNTS = {
  ...WHO,
  source: [...WHO.destination, needs.readAliases],
  destination: [...WHO.destination, needs.readAliases],
};

/** What using a grant takes on either side. */
const use = (bucket: string[], objects: string[], keys: string[] = []) => ({
  source: [needs.useAsSource({ bucket, objects, keys })],
  destination: [needs.allowAsDestination({ bucket, objects, keys })],
});

const LIST = ['s3:ListBucket'];
const COPY = ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'];
const COPY_KEYS = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** What each command needs, by account. */
const COMMANDS: Readonly<Record<string, Partial<Record<Role, Needs[]>>>> = {
  'grant plan': PLAN,
  'grant drift': DOCUMENTS,
  'grant export': PLAN,
  'grant import': { destination: [needs.importDestination] },
  'grant apply': {
    source: [...PLAN.source, needs.changeSource],
    destination: [...PLAN.destination, needs.changeDestination],
  },
  'grant revoke': {
    source: [...PLAN.source, needs.undoSource],
    destination: [...PLAN.destination, needs.undoDestination],
  },
  'grant verify': {
    source: [...DOCUMENTS.source, needs.assumePrincipals, needs.describeOrganization],
    destination: [...DOCUMENTS.destination, needs.probeDestination, needs.describeOrganization],
    organization: [needs.readOrganization],
  },
  explain: EXPLAIN,
  'explain --apply': {
    ...EXPLAIN,
    source: [...EXPLAIN.source, needs.mendSource],
    destination: [...EXPLAIN.destination, needs.mendDestination],
    organization: [...EXPLAIN.organization, needs.mendOrganization],
  },
  exec: { source: [needs.useAsSource({ bucket: [], objects: [], keys: [] })] },
  credentials: { source: [needs.useAsSource({ bucket: [], objects: [], keys: [] })] },
  ls: use(LIST, []),
  cat: use([], ['s3:GetObject'], ['kms:Decrypt']),
  cp: use(LIST, COPY, COPY_KEYS),
  sync: use(LIST, [...COPY, 's3:DeleteObject'], COPY_KEYS),
  rm: use(LIST, ['s3:DeleteObject']),
  presign: use([], ['s3:GetObject'], ['kms:Decrypt']),
  audit: { trail: [needs.lookUpEvents, needs.readTrailFiles] },
  'audit lookup': { trail: [needs.lookUpEvents] },
  'audit s3': { trail: [needs.readTrailFiles] },
  'audit verify': { trail: [needs.readTrailFiles, needs.readPublicKeys] },
  'audit watch': { trail: [needs.lookUpEvents, needs.readTrailFiles] },
  'audit athena': { trail: [needs.askAthena] },
  'audit setup': { destination: [needs.setUpTrail] },
  'audit denied': { ...EXPLAIN, trail: [needs.lookUpEvents, needs.readTrailFiles] },
  who: WHO,
  lint: { source: [needs.lintSource], destination: [needs.lintDestination] },
  init: { destination: [needs.chooseBucket] },
  'sandbox import': WHOLE_ACCOUNTS,
};

export const COMMAND_NAMES = Object.keys(COMMANDS);

/** The least policy for whoever runs a command in one account. */
export interface CommandPermissions {
  command: string;
  in: Role;
  /** Undefined without a configuration. */
  account: string | undefined;
  policy: PolicyDocument;
}

/** The row of a command: its own, else that of the command above it. */
export function rowOf(command: string): string | undefined {
  if (Object.hasOwn(COMMANDS, command)) return command;
  const above = command.slice(0, command.lastIndexOf(' '));
  return above !== command && above !== '' && command.includes(' ') ? rowOf(above) : undefined;
}

/** Undefined for a command that is not in the table. */
export function permissionsFor(
  command: string,
  spec: Spec | undefined,
  grants: readonly GrantSpec[],
): CommandPermissions[] | undefined {
  const name = rowOf(command);
  if (name === undefined) return undefined;
  const row = COMMANDS[name]!;
  const all = placesOf(spec, grants);
  return (Object.entries(row) as [Role, Needs[]][]).flatMap(([role, list]) =>
    accountsOf(role, all).flatMap(({ account, places }) => {
      const wanted = places.flatMap((one) => list.flatMap((need) => need(one)));
      const policy = policyOf(wanted);
      return policy === undefined ? [] : [{ command, in: role, account, policy }];
    }),
  );
}

/** Grants of one account are one policy. */
function accountsOf(role: Role, all: readonly Places[]): { account: string | undefined; places: Places[] }[] {
  if (role === 'organization' || role === 'trail') return [{ account: undefined, places: all.slice(0, 1) }];
  const groups = new Map<string, Places[]>();
  for (const places of all) groups.set(places[role], [...(groups.get(places[role]) ?? []), places]);
  return [...groups].map(([account, places]) => ({ account: account === '*' ? undefined : account, places }));
}

/** What is done to the same resources stands together. */
function policyOf(wanted: readonly Need[]): PolicyDocument | undefined {
  const groups = new Map<string, { resources: string[]; actions: Set<string> }>();
  for (const { actions, resources } of wanted) {
    if (resources.length === 0) continue;
    const key = JSON.stringify(resources);
    const group = groups.get(key) ?? { resources, actions: new Set() };
    for (const action of actions) group.actions.add(action);
    groups.set(key, group);
  }
  if (groups.size === 0) return undefined;
  return {
    Version: '2012-10-17',
    Statement: [...groups.values()].map(({ resources, actions }): Statement => ({
      Effect: 'Allow',
      Action: [...actions].toSorted(),
      Resource: resources.length === 1 ? resources[0]! : resources,
    })),
  };
}
