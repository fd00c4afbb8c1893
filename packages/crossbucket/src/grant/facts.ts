import type { KeySnapshot } from '@crossbucket/policy';
import { shortHash } from '../changes/owned-sid.ts';
import { secondsOf, type GrantSpec, type Spec } from '../spec/index.ts';

/** Who in the source gets access. */
export interface SourcePrincipal {
  arn: string;
  kind: 'role' | 'user';
  name: string;
}

/** A customer managed key that objects of the bucket are encrypted with. */
export interface KeyFacts {
  arn: string;
  account: string;
  /** Undefined where nobody could read it. */
  snapshot: KeySnapshot | undefined;
}

/** All that a grant's documents follow from. */
export interface GrantFacts {
  spec: GrantSpec;
  route: 'role' | 'bucket-policy';
  partition: string;
  /** Account ids. */
  source: string;
  destination: string;
  /** Empty where the grant names nobody, and so the whole account. */
  principals: SourcePrincipal[];
  bucket: string;
  region: string;
  keys: KeyFacts[];
  role: { name: string; path: string; arn: string; maxSession: number };
  /** What the trust policy asks for; undefined for nothing. */
  externalId: string | undefined;
  /** Eight digits that tell this grant from any other, and this version of it from others. */
  owner: string;
  version: string;
}

/** What follows from the specification alone. */
export function factsOf(spec: Spec, grant: GrantSpec, partition = 'aws'): GrantFacts {
  const [ownerName = '', bucket = ''] = grant.bucket.split('/');
  const source = spec.accounts[grant.to]!.id;
  const destination = spec.accounts[ownerName]!.id;
  const route = grant.route ?? 'role';
  const name = grant.role?.name ?? grant.name;
  const path = grant.role?.path ?? '/';
  return {
    spec: grant,
    route,
    partition,
    source,
    destination,
    principals: (grant.principals ?? []).map((text) => sourcePrincipal(partition, source, text)),
    bucket,
    region: spec.accounts[ownerName]!.region ?? 'us-east-1',
    keys: [],
    role: {
      name,
      path,
      arn: `arn:${partition}:iam::${destination}:role${path}${name}`,
      maxSession: secondsOf(grant.role?.maxSession ?? '1h'),
    },
    externalId: undefined,
    owner: shortHash([grant.name, source, destination, bucket].join('\n')),
    version: shortHash(JSON.stringify(sorted(grant))),
  };
}

export const bucketArn = ({ partition, bucket }: Pick<GrantFacts, 'partition' | 'bucket'>): string =>
  `arn:${partition}:s3:::${bucket}`;

/** The name of the inline policies that a grant makes. */
export const policyName = ({ spec, owner }: Pick<GrantFacts, 'spec' | 'owner'>): string =>
  `crossbucket-${spec.name}-${owner}`;

function sourcePrincipal(partition: string, account: string, text: string): SourcePrincipal {
  const kind = text.startsWith('role/') ? 'role' : 'user';
  return { arn: `arn:${partition}:iam::${account}:${text}`, kind, name: text.split('/').at(-1)! };
}

/** The same specification in the same order of keys. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
