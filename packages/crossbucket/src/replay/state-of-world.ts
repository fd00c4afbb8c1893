import type {
  AccountSnapshot,
  BucketSnapshot,
  KeySnapshot,
  NamedPolicy,
  OrganizationSnapshot,
  PrincipalSnapshot,
  World,
} from '@crossbucket/policy';

type Members = Record<string, unknown>;

/**
 * Accounts as the sandbox's state file holds them, so that what was decided there can be decided on a laptop. Groups are part of
 * their users, and AWS's own managed policies are inline: the sandbox does not have all of them.
 */
export function stateOfWorld({ accounts, organization }: World): Members {
  const known = Object.values(accounts).map((account) => stateOfAccount(account));
  const management = organization?.managementAccount;
  const stands = management === undefined || Object.hasOwn(accounts, management);
  const all = stands ? known : [...known, { id: management, name: management }];
  return {
    state: 1,
    accounts: all,
    ...(organization && { organization: stateOfOrganization(organization) }),
  };
}

function stateOfAccount(account: AccountSnapshot): Members {
  const { id, canonicalId, publicAccessBlock } = account;
  const name = account.name !== undefined && /^[\w-]{1,64}$/.test(account.name) ? account.name : id;
  const policies = new Map<string, Members>();
  const principals = Object.values(account.principals).map((principal) => ({
    kind: principal.kind,
    record: stateOfPrincipal(principal, id, policies),
  }));
  const ofKind = (kind: PrincipalSnapshot['kind']) =>
    principals.filter((one) => one.kind === kind).map(({ record }) => record);
  return {
    id,
    name,
    ...(canonicalId !== undefined && { canonicalId }),
    ...(publicAccessBlock && { publicAccessBlock }),
    users: ofKind('user'),
    // AWS tells nobody a secret: each user gets a key of its own when the state is imported.
    accessKeys: ofKind('user').map((user) => ({ user: user['name'] })),
    roles: ofKind('role'),
    managedPolicies: [...policies.values()],
    buckets: Object.values(account.buckets).map((bucket) => stateOfBucket(bucket)),
    keys: Object.values(account.keys).map((key) => stateOfKey(key)),
    keyAliases: Object.values(account.keys).flatMap((key) =>
      (key.aliases ?? []).map((alias) => ({
        arn: key.arn.replace(/key\/.*$/, alias),
        name: alias,
        region: regionOf(key.arn),
        key: key.arn,
      })),
    ),
    accessPoints: Object.values(account.accessPoints ?? {}).map(
      ({ arn, bucket, policy, publicAccessBlock: block, vpc }) => ({
        name: lastPart(arn),
        region: regionOf(arn),
        bucket,
        bucketAccount: id,
        alias: `${lastPart(arn)}-replayed-s3alias`,
        ...(vpc !== undefined && { vpc }),
        ...(policy && { policy: policy.document }),
        publicAccessBlock: block ?? {},
      }),
    ),
  };
}

/** @param managed The account's own managed policies, each once. */
function stateOfPrincipal(
  principal: PrincipalSnapshot,
  account: string,
  managed: Map<string, Members>,
): Members {
  const { arn, uniqueId, kind, tags = {}, trust, maxSessionDuration } = principal;
  const attached: string[] = [];
  const inline: Record<string, unknown> = {};
  for (const policy of principal.policies) {
    if (policy.arn?.includes(`::${account}:policy/`)) attached.push(keep(policy, account, managed));
    else inline[freeName(policy.name, inline)] = policy.document;
  }
  const boundary = principal.boundary && keep(principal.boundary, account, managed);
  return {
    name: lastPart(arn),
    path: pathOf(arn),
    id: uniqueId,
    ...(kind === 'role' && { trust: trust?.document ?? { Version: '2012-10-17', Statement: [] } }),
    ...(maxSessionDuration !== undefined && { maxSessionDuration }),
    policies: inline,
    attached,
    ...(boundary !== undefined && { boundary }),
    tags,
  };
}

/** @returns The ARN by which the sandbox knows a managed policy; one of AWS's own becomes the account's. */
function keep(policy: NamedPolicy, account: string, managed: Map<string, Members>): string {
  const isOwn = policy.arn?.includes(`::${account}:policy/`) ?? false;
  const arn = isOwn ? policy.arn! : `arn:aws:iam::${account}:policy/${policy.name}`;
  if (!managed.has(arn))
    managed.set(arn, {
      name: lastPart(arn),
      path: pathOf(arn),
      versions: [{ id: 'v1', document: policy.document }],
      defaultVersion: 'v1',
    });
  return arn;
}

function freeName(name: string, taken: Readonly<Record<string, unknown>>): string {
  const wanted = lastPart(name);
  if (!Object.hasOwn(taken, wanted)) return wanted;
  let number = 2;
  while (Object.hasOwn(taken, `${wanted}-${number}`)) number += 1;
  return `${wanted}-${number}`;
}

function stateOfBucket(bucket: BucketSnapshot): Members {
  const { name, region, policy, publicAccessBlock, ownership, acl, encryption, requesterPays } = bucket;
  return {
    name,
    region,
    ...(policy && { policy: policy.document }),
    publicAccessBlock: publicAccessBlock ?? {},
    ...(ownership !== undefined && { ownership }),
    ...(acl && { acl }),
    ...(encryption && {
      encryption: {
        algorithm: encryption.algorithm,
        ...(encryption.key !== undefined && { key: encryption.key }),
        bucketKey: encryption.bucketKey === true,
      },
    }),
    ...(requesterPays && { requesterPays }),
  };
}

function stateOfKey({ arn, policy, managedBy, state, aliases = [], tags = {} }: KeySnapshot): Members {
  return {
    arn,
    id: lastPart(arn),
    region: regionOf(arn),
    policy: policy.document,
    ...(managedBy && { managedBy }),
    ...(state && { state }),
    aliases,
    tags,
  };
}

const CONTROLS = [
  ['serviceControl', 'SERVICE_CONTROL_POLICY'],
  ['resourceControl', 'RESOURCE_CONTROL_POLICY'],
] as const;

/** The units on the way to the accounts that are known, with what is attached at each level. */
function stateOfOrganization({ id, managementAccount, accounts }: OrganizationSnapshot): Members {
  const units = new Map<string, Members>();
  const policies = new Map<string, Members & { targets: Set<string> }>();
  let root = 'r-root';
  const members = Object.entries(accounts).map(([account, { path, ...controls }]) => {
    const [, first = root, ...below] = path.split('/').filter((part) => part !== '');
    root = first;
    let parent = root;
    for (const unit of below) {
      units.set(unit, { id: unit, name: unit, parent });
      parent = unit;
    }
    const levels = [root, ...below, account];
    for (const [member, type] of CONTROLS)
      for (const [index, level] of controls[member].entries())
        for (const { name, document } of level) {
          const text = `${type} ${name} ${JSON.stringify(document)}`;
          const policy = policies.get(text) ?? {
            id: `p-${String(policies.size + 1).padStart(8, '0')}`,
            name,
            type,
            document,
            targets: new Set(),
          };
          policy.targets.add(levels[index] ?? account);
          policies.set(text, policy);
        }
    return { account, parent };
  });
  if (!members.some(({ account }) => account === managementAccount))
    members.push({ account: managementAccount, parent: root });
  return {
    id,
    management: managementAccount,
    root,
    enabled: CONTROLS.map(([, type]) => type),
    units: [...units.values()],
    members,
    policies: [...policies.values()].map(({ targets, ...policy }) => ({ ...policy, targets: [...targets] })),
  };
}

const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
const regionOf = (arn: string): string => arn.split(':')[3]!;

/** Of a user, role or policy: what stands between its kind and its name. */
function pathOf(arn: string): string {
  const resource = arn.split(':').slice(5).join(':');
  return resource.slice(resource.indexOf('/'), resource.lastIndexOf('/') + 1);
}
