import type { IAMClient, Role } from '@aws-sdk/client-iam';
import type { PolicyDocument } from '@crossbucket/policy';
import type { DocumentRef } from '../document-ref.ts';
import { differingFacets, readRole, roleText, type RoleState } from '../role-state.ts';
import { iamText, orNull, type Store } from './store.ts';

type Iam = typeof import('@aws-sdk/client-iam');

/** The trust policy alone, of a role that others made. */
export const TRUST_POLICY: Store<Extract<DocumentRef, { kind: 'trust-policy' }>> = {
  reads: () => 'iam:GetRole',
  writes: () => 'iam:UpdateAssumeRolePolicy',
  async read({ clients, region }, { role: RoleName }) {
    const found = await getRole(await import('@aws-sdk/client-iam'), await clients.iam(region), RoleName);
    return found?.AssumeRolePolicyDocument === undefined
      ? null
      : decodeURIComponent(found.AssumeRolePolicyDocument);
  },
  async write({ clients, region }, { role: RoleName }, text) {
    if (text === null) throw new Error('a role has a trust policy at all times');
    const { UpdateAssumeRolePolicyCommand } = await import('@aws-sdk/client-iam');
    const client = await clients.iam(region);
    await client.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: iamText(text) }));
  },
};

export const ROLE: Store<Extract<DocumentRef, { kind: 'role' }>> = {
  reads: () => 'iam:GetRole',
  writes: (_, text, current) =>
    text === null ? 'iam:DeleteRole' : current === null ? 'iam:CreateRole' : 'iam:UpdateAssumeRolePolicy',
  async read({ clients, region }, { role: RoleName }) {
    const found = await getRole(await import('@aws-sdk/client-iam'), await clients.iam(region), RoleName);
    return found === undefined ? null : roleText(stateOf(found));
  },
  async write({ clients, region }, { role: RoleName }, text, current) {
    const iam = await import('@aws-sdk/client-iam');
    const client = await clients.iam(region);
    if (text === null)
      await orNull(
        client.send(new iam.DeleteRoleCommand({ RoleName })),
        'NoSuchEntity',
        'NoSuchEntityException',
      );
    else if (current === null) await createRole(iam, client, RoleName, readRole(text));
    else await updateRole(iam, client, RoleName, readRole(text), readRole(current));
  },
};

async function getRole(iam: Iam, client: IAMClient, RoleName: string): Promise<Role | undefined> {
  const answer = await orNull(
    client.send(new iam.GetRoleCommand({ RoleName })),
    'NoSuchEntity',
    'NoSuchEntityException',
  );
  return answer?.Role;
}

function stateOf({
  Path,
  MaxSessionDuration,
  PermissionsBoundary,
  Tags = [],
  AssumeRolePolicyDocument,
}: Role): RoleState {
  return {
    path: Path ?? '/',
    maxSession: MaxSessionDuration ?? 3600,
    boundary: PermissionsBoundary?.PermissionsBoundaryArn ?? null,
    tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key!, Value ?? ''])),
    trust: JSON.parse(decodeURIComponent(AssumeRolePolicyDocument ?? '{}')) as PolicyDocument,
  };
}

const tagList = (tags: Record<string, string>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

async function createRole(iam: Iam, client: IAMClient, RoleName: string, role: RoleState): Promise<void> {
  await client.send(
    new iam.CreateRoleCommand({
      RoleName,
      Path: role.path,
      Description: 'Made by crossbucket; its tags say for which grant.',
      AssumeRolePolicyDocument: iamText(JSON.stringify(role.trust)),
      MaxSessionDuration: role.maxSession,
      ...(role.boundary !== null && { PermissionsBoundary: role.boundary }),
      Tags: tagList(role.tags),
    }),
  );
}

/** One call for each part that differs, so that a second try finds what the first has left. */
async function updateRole(
  iam: Iam,
  client: IAMClient,
  RoleName: string,
  wanted: RoleState,
  current: RoleState,
): Promise<void> {
  for (const facet of differingFacets(current, wanted)) {
    await noting(`iam:${CALLS[facet]}`, () => updateFacet(iam, client, RoleName, facet, wanted, current));
  }
}

const CALLS = {
  path: 'CreateRole',
  maxSession: 'UpdateRole',
  boundary: 'PutRolePermissionsBoundary',
  tags: 'TagRole',
  trust: 'UpdateAssumeRolePolicy',
} as const;

async function updateFacet(
  iam: Iam,
  client: IAMClient,
  RoleName: string,
  facet: keyof typeof CALLS,
  wanted: RoleState,
  current: RoleState,
): Promise<void> {
  switch (facet) {
    case 'path':
      throw new Error('the path of a role cannot be changed');
    case 'maxSession':
      await client.send(new iam.UpdateRoleCommand({ RoleName, MaxSessionDuration: wanted.maxSession }));
      return;
    case 'trust': {
      const PolicyDocument = iamText(JSON.stringify(wanted.trust));
      await client.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
      return;
    }
    case 'boundary':
      if (wanted.boundary === null)
        await client.send(new iam.DeleteRolePermissionsBoundaryCommand({ RoleName }));
      else
        await client.send(
          new iam.PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: wanted.boundary }),
        );
      return;
    case 'tags': {
      const gone = Object.keys(current.tags).filter((key) => !Object.hasOwn(wanted.tags, key));
      if (gone.length > 0) await client.send(new iam.UntagRoleCommand({ RoleName, TagKeys: gone }));
      await client.send(new iam.TagRoleCommand({ RoleName, Tags: tagList(wanted.tags) }));
    }
  }
}

async function noting<T>(call: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (typeof error === 'object' && error !== null) Object.defineProperty(error, 'call', { value: call });
    throw error;
  }
}
