import type { NamedPolicy, PrincipalSnapshot } from '@crossbucket/policy';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { DocumentTexts } from './documents.ts';
import { type Holder, type PrincipalName, isSameHolder } from './principal-name.ts';
import { foundOr, isFound, type Readings } from './readings.ts';

const ABSENT = { absent: ['NoSuchEntity', 'NoSuchEntityException'] };

type Iam = typeof import('@aws-sdk/client-iam');

/** Where an identity policy is kept: what has to be changed to change it. */
export interface PolicyPlace {
  holder: Holder;
  policy: NamedPolicy;
}

/** Reads users, roles and groups of an account by name, each policy of theirs once. */
export class PrincipalReader {
  readonly #readings: Readings;
  readonly #texts: DocumentTexts;
  readonly #groups = new Map<string, Promise<NamedPolicy[] | undefined>>();
  readonly #managed = new Map<string, Promise<NamedPolicy | undefined>>();
  readonly #places: PolicyPlace[] = [];

  constructor(readings: Readings, texts: DocumentTexts) {
    this.#readings = readings;
    this.#texts = texts;
  }

  /** Where each policy that has been read is kept. */
  placesOf(policy: NamedPolicy): Holder[] {
    return this.#places.filter((place) => place.policy === policy).map(({ holder }) => holder);
  }

  /** A managed policy's default version. Undefined where there is none, or where nobody could read it. */
  managed(arn: string): Promise<NamedPolicy | undefined> {
    return this.#managedPolicy(arn, `managed-policy ${arn}`);
  }

  /** Undefined where there is no such user or role, or where nobody could read that there is. */
  async read(name: PrincipalName): Promise<PrincipalSnapshot | undefined> {
    const entity = await this.#entity(name);
    // Of somebody who is not there, nothing more is asked.
    if (entity === undefined) return undefined;
    const [policies, groups] = await Promise.all([
      this.#policiesOf(name),
      name.kind === 'user' ? this.#groupsOf(name) : [],
    ]);
    const { boundary: boundaryArn, ...rest } = entity;
    const boundary =
      boundaryArn === undefined
        ? undefined
        : await this.#managedPolicy(boundaryArn, `principal ${entity.arn}`);
    const all = [...(policies ?? []), ...groups.flatMap((group) => group ?? [])];
    return { ...rest, policies: all, ...(boundary && { boundary }) };
  }

  async #entity(name: PrincipalName) {
    const { GetRoleCommand, GetUserCommand } = await this.#iam();
    const client = await this.#client();
    const what = `principal ${name.arn}`;
    if (name.kind === 'user') {
      const answer = await this.#readings.read({ what, action: 'iam:GetUser', ...ABSENT }, () =>
        client.send(new GetUserCommand({ UserName: name.name })),
      );
      const user = foundOr(answer, undefined)?.User;
      return user && { kind: 'user' as const, ...entityOf(user) };
    }
    const answer = await this.#readings.read({ what, action: 'iam:GetRole', ...ABSENT }, () =>
      client.send(new GetRoleCommand({ RoleName: name.name })),
    );
    const role = foundOr(answer, undefined)?.Role;
    if (role === undefined) {
      if (this.#readings.unknown.some((fact) => fact.what === what))
        this.#readings.note({
          what: `trust-policy ${name.arn}`,
          why: 'no permission for iam:GetRole',
          action: 'iam:GetRole',
        });
      return undefined;
    }
    const trust = this.#texts.parseEncoded(`trust-policy ${role.Arn!}`, role.AssumeRolePolicyDocument ?? '');
    return {
      kind: 'role' as const,
      ...entityOf(role),
      trust: { name: `trust policy of ${role.RoleName!}`, document: trust },
      ...(role.MaxSessionDuration !== undefined && { maxSessionDuration: role.MaxSessionDuration }),
    };
  }

  /** Inline and attached policies of a user, role or group. */
  async #policiesOf(
    holder: PrincipalName | Holder,
    what = `principal ${(holder as PrincipalName).arn}`,
  ): Promise<NamedPolicy[] | undefined> {
    const [inline, attached] = await Promise.all([
      this.#inlinePolicies(holder, what),
      this.#attachedPolicies(holder, what),
    ]);
    if (inline === undefined || attached === undefined) return [...(inline ?? []), ...(attached ?? [])];
    return [...inline, ...attached];
  }

  async #inlinePolicies(holder: Holder, what: string): Promise<NamedPolicy[] | undefined> {
    const operations = OPERATIONS[holder.kind];
    const iam = await this.#iam();
    const client = await this.#client();
    const names = await this.#readings.readPages(
      { what, action: `iam:${operations.list}`, ...ABSENT },
      (Marker) => operations.listInline(iam, client, holder.name, Marker),
      ({ PolicyNames: items, Marker: next }) => ({ items, next }),
    );
    if (!isFound(names)) return undefined;
    const policies = await Promise.all(
      names.map(async (name) => {
        const answer = await this.#readings.read<{ PolicyDocument?: string | undefined }>(
          { what, action: `iam:${operations.get}`, ...ABSENT },
          () => operations.getInline(iam, client, holder.name, name),
        );
        if (!isFound(answer)) return [];
        const document = this.#texts.parseEncoded(
          inlinePolicyName(holder, name),
          answer.PolicyDocument ?? '',
        );
        return [this.#place({ kind: holder.kind, name: holder.name }, { name, document })];
      }),
    );
    return policies.flat();
  }

  async #attachedPolicies(holder: Holder, what: string): Promise<NamedPolicy[] | undefined> {
    const operations = OPERATIONS[holder.kind];
    const iam = await this.#iam();
    const client = await this.#client();
    const attached = await this.#readings.readPages(
      { what, action: `iam:${operations.attached}`, ...ABSENT },
      (Marker) => operations.listAttached(iam, client, holder.name, Marker),
      ({ AttachedPolicies: items, Marker: next }) => ({ items, next }),
    );
    if (!isFound(attached)) return undefined;
    const policies = await Promise.all(
      attached.map(({ PolicyArn }) => this.#managedPolicy(PolicyArn!, what)),
    );
    return policies.flatMap((policy) =>
      policy === undefined ? [] : [this.#place({ kind: holder.kind, name: holder.name }, policy)],
    );
  }

  async #groupsOf(user: PrincipalName): Promise<(NamedPolicy[] | undefined)[]> {
    const { ListGroupsForUserCommand } = await this.#iam();
    const client = await this.#client();
    const what = `principal ${user.arn}`;
    const groups = await this.#readings.readPages(
      { what, action: 'iam:ListGroupsForUser', ...ABSENT },
      (Marker) => client.send(new ListGroupsForUserCommand({ UserName: user.name, Marker })),
      ({ Groups: items, Marker: next }) => ({ items, next }),
    );
    return Promise.all(
      foundOr(groups, []).map(({ GroupName: name }) => {
        const known = this.#groups.get(name!);
        if (known) return known;
        const policies = this.#policiesOf({ kind: 'group', name: name! }, what);
        this.#groups.set(name!, policies);
        return policies;
      }),
    );
  }

  /** The default version. */
  #managedPolicy(arn: string, what: string): Promise<NamedPolicy | undefined> {
    const known = this.#managed.get(arn);
    if (known) return known;
    const policy = this.#readManaged(arn, what);
    this.#managed.set(arn, policy);
    return policy;
  }

  async #readManaged(arn: string, what: string): Promise<NamedPolicy | undefined> {
    const { GetPolicyCommand, GetPolicyVersionCommand } = await this.#iam();
    const client = await this.#client();
    const policy = await this.#readings.read({ what, action: 'iam:GetPolicy', ...ABSENT }, () =>
      client.send(new GetPolicyCommand({ PolicyArn: arn })),
    );
    const VersionId = foundOr(policy, undefined)?.Policy?.DefaultVersionId;
    if (VersionId === undefined) return undefined;
    const version = await this.#readings.read({ what, action: 'iam:GetPolicyVersion', ...ABSENT }, () =>
      client.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId })),
    );
    const text = foundOr(version, undefined)?.PolicyVersion?.Document;
    if (text === undefined) return undefined;
    return {
      name: arn.split('/').at(-1)!,
      arn,
      document: this.#texts.parseEncoded(`managed-policy ${arn}`, text),
    };
  }

  #place(holder: Holder, policy: NamedPolicy): NamedPolicy {
    if (!this.#places.some((place) => place.policy === policy && isSameHolder(place.holder, holder)))
      this.#places.push({ holder, policy });
    return policy;
  }

  #iam(): Promise<Iam> {
    return import('@aws-sdk/client-iam');
  }

  #client(): Promise<IAMClient> {
    const { clients, region } = this.#readings.connection;
    return clients.iam(region);
  }
}

/** How `DocumentTexts` calls an inline policy. */
export const inlinePolicyName = ({ kind, name }: Holder, policy: string): string =>
  `inline-policy ${kind}/${name}/${policy}`;

interface Entity {
  Arn?: string | undefined;
  UserId?: string | undefined;
  RoleId?: string | undefined;
  Tags?: { Key?: string | undefined; Value?: string | undefined }[] | undefined;
  PermissionsBoundary?: { PermissionsBoundaryArn?: string | undefined } | undefined;
}

function entityOf({ Arn, UserId, RoleId, Tags = [], PermissionsBoundary }: Entity) {
  return {
    arn: Arn!,
    uniqueId: (UserId ?? RoleId)!,
    tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key!, Value ?? ''])),
    boundary: PermissionsBoundary?.PermissionsBoundaryArn,
  };
}

/** The same four calls, by whose policies they read. */
const OPERATIONS = {
  role: {
    list: 'ListRolePolicies',
    get: 'GetRolePolicy',
    attached: 'ListAttachedRolePolicies',
    listInline: (iam: Iam, client: IAMClient, RoleName: string, Marker?: string) =>
      client.send(new iam.ListRolePoliciesCommand({ RoleName, Marker })),
    getInline: (iam: Iam, client: IAMClient, RoleName: string, PolicyName: string) =>
      client.send(new iam.GetRolePolicyCommand({ RoleName, PolicyName })),
    listAttached: (iam: Iam, client: IAMClient, RoleName: string, Marker?: string) =>
      client.send(new iam.ListAttachedRolePoliciesCommand({ RoleName, Marker })),
  },
  user: {
    list: 'ListUserPolicies',
    get: 'GetUserPolicy',
    attached: 'ListAttachedUserPolicies',
    listInline: (iam: Iam, client: IAMClient, UserName: string, Marker?: string) =>
      client.send(new iam.ListUserPoliciesCommand({ UserName, Marker })),
    getInline: (iam: Iam, client: IAMClient, UserName: string, PolicyName: string) =>
      client.send(new iam.GetUserPolicyCommand({ UserName, PolicyName })),
    listAttached: (iam: Iam, client: IAMClient, UserName: string, Marker?: string) =>
      client.send(new iam.ListAttachedUserPoliciesCommand({ UserName, Marker })),
  },
  group: {
    list: 'ListGroupPolicies',
    get: 'GetGroupPolicy',
    attached: 'ListAttachedGroupPolicies',
    listInline: (iam: Iam, client: IAMClient, GroupName: string, Marker?: string) =>
      client.send(new iam.ListGroupPoliciesCommand({ GroupName, Marker })),
    getInline: (iam: Iam, client: IAMClient, GroupName: string, PolicyName: string) =>
      client.send(new iam.GetGroupPolicyCommand({ GroupName, PolicyName })),
    listAttached: (iam: Iam, client: IAMClient, GroupName: string, Marker?: string) =>
      client.send(new iam.ListAttachedGroupPoliciesCommand({ GroupName, Marker })),
  },
} as const;
