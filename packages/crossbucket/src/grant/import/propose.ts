import {
  statementsOf,
  type PolicyDocument,
  type PrincipalSnapshot,
  type Statement,
} from '@crossbucket/policy';
import type { GrantSpec, Spec } from '../../spec/index.ts';
import { ROLE_TAGS } from '../role-tags.ts';
import { readAccess } from './read-access.ts';
import { readConditions } from './read-conditions.ts';

/** What is there. */
export interface ImportFacts {
  partition: string;
  /** What the file is to call the destination, and its id. */
  destination: { name: string; id: string; profile: string | undefined; region: string };
  /** Accounts whose names and profiles are known, by id. */
  sources: Readonly<Record<string, { name: string; profile: string | undefined }>>;
  bucket: string;
  policy: PolicyDocument | undefined;
  roles: PrincipalSnapshot[];
}

export interface Proposal {
  spec: Spec;
  /** What a specification cannot say, or what is better looked at. */
  notes: string[];
}

/** Proposes grants that come to what a bucket policy and roles give to other accounts. */
export function proposeSpec(facts: ImportFacts): Proposal {
  const notes: string[] = [];
  const grants = [
    ...fromBucketPolicy(facts, notes),
    ...facts.roles.flatMap((role) => fromRole(facts, role, notes)),
  ];
  const { destination, sources } = facts;
  const accounts: Spec['accounts'] = {
    [destination.name]: {
      id: destination.id,
      ...withProfile(destination.profile),
      region: destination.region,
    },
  };
  for (const { to } of grants) {
    const [id] = Object.entries(sources).find(([, { name }]) => name === to) ?? [to.replace(/^account-/, '')];
    accounts[to] = { id, ...withProfile(sources[id]?.profile) };
  }
  return { spec: { accounts, grants: named(grants, facts.bucket) }, notes: [...new Set(notes)] };
}

const withProfile = (profile: string | undefined) => (profile === undefined ? {} : { profile });

/** Without a name yet: several may come out alike. */
type Draft = Omit<GrantSpec, 'name'> & { name?: string };

function fromBucketPolicy(facts: ImportFacts, notes: string[]): Draft[] {
  const { policy, bucket } = facts;
  const groups = new Map<string, { draft: Draft; statements: Statement[] }>();
  for (const statement of policy === undefined ? [] : statementsOf(policy)) {
    const { Sid, Effect } = statement;
    const label = Sid === undefined ? 'a statement' : `statement ${Sid}`;
    if (Effect === 'Deny') {
      notes.push(`${label} denies something: it stays as it is, and may deny a grant as well`);
      continue;
    }
    const { conditions, notes: unsaid } = readConditions(statement);
    for (const { account, principals } of grantees(statement, facts, label, notes)) {
      const key = JSON.stringify([account, principals, conditions]);
      const group = groups.get(key) ?? {
        draft: {
          ...base(facts, account, principals),
          route: 'bucket-policy' as const,
          ...(conditions && { conditions }),
          access: {},
        },
        statements: [],
      };
      group.statements.push(statement);
      groups.set(key, group);
      notes.push(...unsaid);
    }
  }
  return [...groups.values()].flatMap(({ draft, statements }) => {
    const { access, notes: unsaid } = readAccess(statements, `arn:${facts.partition}:s3:::${bucket}`);
    notes.push(...unsaid);
    return Object.keys(access).length === 0 ? [] : [{ ...draft, access }];
  });
}

function fromRole(facts: ImportFacts, role: PrincipalSnapshot, notes: string[]): Draft[] {
  const resource = role.arn.split(':').slice(5).join(':');
  const name = resource.split('/').at(-1)!;
  const path = resource.slice('role'.length, resource.length - name.length);
  const bucketArn = `arn:${facts.partition}:s3:::${facts.bucket}`;
  const statements = role.policies
    .flatMap(({ document }) => statementsOf(document))
    .filter((statement) => statement.Effect === 'Allow' && reaches(statement, bucketArn));
  const { access, notes: unsaid } = readAccess(statements, bucketArn);
  notes.push(...unsaid);
  if (Object.keys(access).length === 0) {
    notes.push(`role ${name} allows nothing in bucket ${facts.bucket}`);
    return [];
  }
  const isOurs = role.tags?.[ROLE_TAGS.owner] !== undefined;
  const grantName = role.tags?.[ROLE_TAGS.grant];
  return (role.trust === undefined ? [] : statementsOf(role.trust.document)).flatMap((statement) => {
    if (statement.Effect !== 'Allow') {
      notes.push(`the trust policy of role ${name} denies something: it stays as it is`);
      return [];
    }
    const { conditions, externalId, notes: unread } = readConditions(statement);
    notes.push(...unread);
    return grantees(statement, facts, `the trust policy of role ${name}`, notes).map(
      ({ account, principals }): Draft => ({
        ...(isOurs && grantName !== undefined && { name: grantName }),
        ...base(facts, account, principals),
        route: 'role',
        access,
        ...(conditions && { conditions }),
        role: {
          name,
          ...(path !== '/' && { path }),
          externalId: externalId ?? false,
          ...(role.maxSessionDuration !== undefined && { maxSession: `${role.maxSessionDuration / 60}m` }),
          ...(role.boundary?.arn !== undefined && { boundary: role.boundary.arn }),
          ...(!isOurs && { adopt: true }),
        },
      }),
    );
  });
}

function reaches({ Resource = [] }: Statement, bucket: string): boolean {
  return [Resource]
    .flat()
    .some(
      (resource) =>
        resource === '*' ||
        resource === bucket ||
        resource.startsWith(`${bucket}/`) ||
        resource === `${bucket}*`,
    );
}

const base = (facts: ImportFacts, account: string, principals: string[] | undefined) => ({
  bucket: `${facts.destination.name}/${facts.bucket}`,
  to: facts.sources[account]?.name ?? `account-${account}`,
  ...(principals && { principals }),
});

interface Grantee {
  account: string;
  /** Undefined for the whole account. */
  principals: string[] | undefined;
}

/** Other accounts that a statement names. */
function grantees(
  { Principal, NotPrincipal }: Statement,
  facts: ImportFacts,
  label: string,
  notes: string[],
): Grantee[] {
  if (NotPrincipal !== undefined || Principal === '*') {
    notes.push(`${label} is for everybody: it is left out, and better taken away`);
    return [];
  }
  const { AWS = [], ...others } = Principal ?? {};
  for (const [type, names] of Object.entries(others))
    notes.push(
      `${label} names ${type} ${[names].flat().join(', ')}: a grant is for accounts, roles and users`,
    );
  const accounts = new Map<string, string[] | undefined>();
  for (const name of [AWS].flat()) {
    const [, account, kind] = /^arn:[^:]+:iam::(\d{12}):(root|(?:role|user)\/.+)$/.exec(name) ?? [];
    const id = account ?? (/^\d{12}$/.test(name) ? name : undefined);
    if (id === undefined) {
      notes.push(
        name === '*'
          ? `${label} is for everybody: it is left out, and better taken away`
          : `${label} names \`${name}\`, who is gone or no user or role`,
      );
      continue;
    }
    if (id === facts.destination.id) continue;
    const isWhole = kind === undefined || kind === 'root';
    if (isWhole) accounts.set(id, undefined);
    else if (!accounts.has(id) || accounts.get(id) !== undefined)
      accounts.set(id, [...(accounts.get(id) ?? []), kind]);
  }
  return [...accounts].map(([account, principals]) => ({ account, principals }));
}

/** Names that differ. */
function named(drafts: readonly Draft[], bucket: string): GrantSpec[] {
  const used = new Set<string>();
  return drafts.map(({ name, ...draft }) => {
    const level = draft.access.write !== undefined || draft.access.delete !== undefined ? 'writer' : 'reader';
    const wish =
      name ??
      (draft.route === 'role'
        ? draft.role!.name!.replaceAll(/[^A-Za-z0-9-]/g, '-')
        : `${bucket.replaceAll('.', '-').slice(0, 30)}-${level}`);
    let chosen = wish;
    for (let number = 2; used.has(chosen); number++) chosen = `${wish}-${number}`;
    used.add(chosen);
    return { name: chosen, ...draft };
  });
}
