import type { NamedPolicy, OrganizationSnapshot, PolicyDocument } from '@crossbucket/policy';
import type { OrganizationsClient, PolicyType } from '@aws-sdk/client-organizations';
import { ABSENT, foundOr, isFound, UNREAD, type Readings } from './readings.ts';

type Organizations = typeof import('@aws-sdk/client-organizations');

const NOT_IN_USE = { absent: ['AWSOrganizationsNotInUseException'] };
const TYPES = {
  serviceControl: 'SERVICE_CONTROL_POLICY',
  resourceControl: 'RESOURCE_CONTROL_POLICY',
} as const;
const FACTS = { serviceControl: 'scp', resourceControl: 'rcp' } as const;

/** What one account tells of its organization. */
export interface OrganizationReading {
  id: string;
  managementAccount: string;
  /** True where this account may read the tree: the management account, or a delegated administrator. */
  readsTree: boolean;
}

/** Reads an organization through one account: who it is, and, where that account may, the policies on the way to others. */
export class OrganizationReader {
  readonly #readings: Readings;
  readonly #policies = new Map<string, Promise<NamedPolicy | undefined>>();
  readonly #levels = new Map<string, Promise<NamedPolicy[] | undefined>>();
  readonly #parents = new Map<string, Promise<string | undefined>>();

  constructor(readings: Readings) {
    this.#readings = readings;
  }

  /** Undefined where the account is in none; `unread` where nobody could tell. */
  async describe(): Promise<{ id: string; managementAccount: string } | undefined | 'unread'> {
    const { DescribeOrganizationCommand } = await import('@aws-sdk/client-organizations');
    const client = await this.#client();
    const answer = await this.#readings.read(
      { what: 'organization', action: 'organizations:DescribeOrganization', ...NOT_IN_USE },
      () => client.send(new DescribeOrganizationCommand({})),
    );
    if (answer === ABSENT) return undefined;
    if (answer === UNREAD) return 'unread';
    const { Id: id, MasterAccountId: managementAccount } = answer.Organization ?? {};
    return id === undefined || managementAccount === undefined ? 'unread' : { id, managementAccount };
  }

  /** The path to an account and the policies at each level of it, root first; undefined where they cannot be read. */
  async account(
    organization: string,
    account: string,
  ): Promise<OrganizationSnapshot['accounts'][string] | undefined> {
    const path = await this.#pathTo(account);
    if (path === undefined) return undefined;
    const targets = [...path, account];
    const [serviceControl, resourceControl] = await Promise.all([
      this.#levelsOf(targets, 'serviceControl'),
      this.#levelsOf(targets, 'resourceControl'),
    ]);
    if (serviceControl === undefined || resourceControl === undefined) return undefined;
    return { path: `${[organization, ...path].join('/')}/`, serviceControl, resourceControl };
  }

  /** Root and units above the account, root first. */
  async #pathTo(account: string): Promise<string[] | undefined> {
    const path: string[] = [];
    for (let child = account; ;) {
      const parent = await this.#parentOf(child);
      if (parent === undefined) return undefined;
      path.unshift(parent);
      if (parent.startsWith('r-')) return path;
      child = parent;
    }
  }

  #parentOf(ChildId: string): Promise<string | undefined> {
    return once(this.#parents, ChildId, async () => {
      const { ListParentsCommand } = await import('@aws-sdk/client-organizations');
      const client = await this.#client();
      const answer = await this.#readings.read(
        {
          what: `organization-path ${ChildId}`,
          action: 'organizations:ListParents',
          absent: ['ChildNotFoundException'],
        },
        () => client.send(new ListParentsCommand({ ChildId })),
      );
      return foundOr(answer, undefined)?.Parents?.[0]?.Id;
    });
  }

  /** No levels at all where the organization has not turned the type on. */
  async #levelsOf(targets: string[], kind: keyof typeof TYPES): Promise<NamedPolicy[][] | undefined> {
    const levels = await Promise.all(targets.map((target) => this.#level(target, kind)));
    if (levels.includes(undefined)) return undefined;
    const known = levels as NamedPolicy[][];
    return known.every((level) => level.length === 0) ? [] : known;
  }

  #level(TargetId: string, kind: keyof typeof TYPES): Promise<NamedPolicy[] | undefined> {
    return once(this.#levels, `${kind} ${TargetId}`, async () => {
      const organizations = await import('@aws-sdk/client-organizations');
      const client = await this.#client();
      const what = `${FACTS[kind]} ${TargetId}`;
      const attached = await this.#readings.readPages(
        { what, action: 'organizations:ListPoliciesForTarget', absent: ['PolicyTypeNotEnabledException'] },
        (NextToken) =>
          client.send(
            new organizations.ListPoliciesForTargetCommand({
              TargetId,
              Filter: TYPES[kind] as PolicyType,
              NextToken,
            }),
          ),
        ({ Policies: items, NextToken: next }) => ({ items, next }),
      );
      if (attached === ABSENT) return [];
      if (!isFound(attached)) return undefined;
      const policies = await Promise.all(
        attached.map(({ Id }) => this.#policy(organizations, client, Id!, what)),
      );
      return policies.includes(undefined) ? undefined : (policies as NamedPolicy[]);
    });
  }

  #policy(
    organizations: Organizations,
    client: OrganizationsClient,
    PolicyId: string,
    what: string,
  ): Promise<NamedPolicy | undefined> {
    return once(this.#policies, PolicyId, async () => {
      const answer = await this.#readings.read({ what, action: 'organizations:DescribePolicy' }, () =>
        client.send(new organizations.DescribePolicyCommand({ PolicyId })),
      );
      const { Content, PolicySummary } = foundOr(answer, undefined)?.Policy ?? {};
      if (Content === undefined) return undefined;
      return {
        name: PolicySummary?.Name ?? PolicyId,
        document: JSON.parse(Content) as PolicyDocument,
        ...(PolicySummary?.Arn !== undefined && { arn: PolicySummary.Arn }),
      };
    });
  }

  #client(): Promise<OrganizationsClient> {
    const { clients, region } = this.#readings.connection;
    return clients.organizations(region);
  }
}

function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key);
  if (found) return found;
  const made = make();
  known.set(key, made);
  return made;
}
