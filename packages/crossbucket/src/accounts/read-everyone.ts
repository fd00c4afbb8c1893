import type { NamedPolicy, PolicyDocument, PrincipalSnapshot } from '@crossbucket/policy';
import type { GetAccountAuthorizationDetailsResponse, ManagedPolicyDetail } from '@aws-sdk/client-iam';
import { isFound, type Readings } from './readings.ts';

/** Every user and role of an account with one paged call. Empty, and noted as unknown, where the right is missing. */
export async function readAuthorizationDetails(readings: Readings): Promise<PrincipalSnapshot[]> {
  const { GetAccountAuthorizationDetailsCommand } = await import('@aws-sdk/client-iam');
  const { clients, region } = readings.connection;
  const client = await clients.iam(region);
  const pages = await readings.readPages(
    { what: 'principals', action: 'iam:GetAccountAuthorizationDetails' },
    (Marker) => client.send(new GetAccountAuthorizationDetailsCommand({ Marker, MaxItems: 1000 })),
    (page) => ({ items: [page as GetAccountAuthorizationDetailsResponse], next: page.Marker }),
  );
  return isFound(pages) ? principalsOf(pages) : [];
}

/** Pages as AWS gives them: a policy may come on a later page than who has it. */
export function principalsOf(pages: readonly GetAccountAuthorizationDetailsResponse[]): PrincipalSnapshot[] {
  const managed = new Map<string, NamedPolicy>();
  for (const policy of pages.flatMap(({ Policies = [] }) => Policies)) {
    const named = managedPolicy(policy);
    if (named) managed.set(named.arn!, named);
  }
  const groups = new Map<string, NamedPolicy[]>();
  for (const { GroupName, GroupPolicyList, AttachedManagedPolicies } of pages.flatMap(
    ({ GroupDetailList = [] }) => GroupDetailList,
  ))
    groups.set(GroupName!, [...inlineOf(GroupPolicyList), ...attachedOf(AttachedManagedPolicies, managed)]);
  const boundaryOf = (boundary: { PermissionsBoundaryArn?: string | undefined } | undefined) =>
    managed.get(boundary?.PermissionsBoundaryArn ?? '');

  const users = pages.flatMap(({ UserDetailList = [] }) => UserDetailList);
  const roles = pages.flatMap(({ RoleDetailList = [] }) => RoleDetailList);
  return [
    ...users.map((user): PrincipalSnapshot => {
      const boundary = boundaryOf(user.PermissionsBoundary);
      return {
        kind: 'user',
        arn: user.Arn!,
        uniqueId: user.UserId!,
        tags: tagsOf(user.Tags),
        policies: [
          ...inlineOf(user.UserPolicyList),
          ...attachedOf(user.AttachedManagedPolicies, managed),
          ...(user.GroupList ?? []).flatMap((name) => groups.get(name) ?? []),
        ],
        ...(boundary && { boundary }),
      };
    }),
    ...roles.map((role): PrincipalSnapshot => {
      const boundary = boundaryOf(role.PermissionsBoundary);
      const trust = documentOf(role.AssumeRolePolicyDocument);
      return {
        kind: 'role',
        arn: role.Arn!,
        uniqueId: role.RoleId!,
        tags: tagsOf(role.Tags),
        policies: [...inlineOf(role.RolePolicyList), ...attachedOf(role.AttachedManagedPolicies, managed)],
        ...(boundary && { boundary }),
        ...(trust && { trust: { name: `trust policy of ${role.RoleName!}`, document: trust } }),
      };
    }),
  ];
}

type Inline = { PolicyName?: string | undefined; PolicyDocument?: string | undefined }[] | undefined;

const inlineOf = (policies: Inline = []): NamedPolicy[] =>
  policies.flatMap(({ PolicyName, PolicyDocument: text }) => {
    const document = documentOf(text);
    return document ? [{ name: PolicyName!, document }] : [];
  });

const attachedOf = (
  attached: { PolicyArn?: string | undefined }[] = [],
  managed: ReadonlyMap<string, NamedPolicy>,
): NamedPolicy[] => attached.flatMap(({ PolicyArn }) => managed.get(PolicyArn!) ?? []);

function managedPolicy({
  Arn,
  PolicyName,
  PolicyVersionList = [],
}: ManagedPolicyDetail): NamedPolicy | undefined {
  const version = PolicyVersionList.find(({ IsDefaultVersion }) => IsDefaultVersion);
  const document = documentOf(version?.Document);
  return document && { name: PolicyName!, arn: Arn!, document };
}

const documentOf = (text: string | undefined): PolicyDocument | undefined =>
  text === undefined ? undefined : (JSON.parse(decodeURIComponent(text)) as PolicyDocument);

const tagsOf = (tags: { Key?: string | undefined; Value?: string | undefined }[] = []) =>
  Object.fromEntries(tags.map(({ Key, Value }) => [Key!, Value ?? '']));
