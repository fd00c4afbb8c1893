import { factsOf } from '../grant/index.ts';
import type { GrantSpec, Spec } from '../spec/index.ts';

/** What a command touches, as ARNs; without a configuration, patterns of them. */
export interface Places {
  /** `arn:aws:s3:::acme-reports` */
  buckets: string[];
  /** Objects that verifying puts and removes. */
  probes: string[];
  /** Roles that grants make in the destination. */
  roles: string[];
  /** Principals of the source. */
  sourceRoles: string[];
  sourceUsers: string[];
  /** Account ids, or `*`. */
  source: string;
  destination: string;
  /** Keys of a region and account. */
  keys: string;
  hasRoute: { role: boolean; 'bucket-policy': boolean };
}

const ANYWHERE: Places = {
  buckets: ['arn:aws:s3:::*'],
  probes: ['arn:aws:s3:::*/*crossbucket-probe-*'],
  roles: ['arn:aws:iam::*:role/*'],
  sourceRoles: ['arn:aws:iam::*:role/*'],
  sourceUsers: ['arn:aws:iam::*:user/*'],
  source: '*',
  destination: '*',
  keys: 'arn:aws:kms:*:*:key/*',
  hasRoute: { role: true, 'bucket-policy': true },
};

/** One set of places for each pair of accounts that grants connect. */
export function placesOf(spec: Spec | undefined, grants: readonly GrantSpec[]): Places[] {
  if (spec === undefined) return [ANYWHERE];
  const pairs = new Map<string, Places>();
  for (const grant of grants) {
    const facts = factsOf(spec, grant);
    const { source, destination, partition, bucket, route } = facts;
    const key = `${source} ${destination}`;
    const places = pairs.get(key) ?? {
      ...ANYWHERE,
      buckets: [],
      probes: [],
      roles: [],
      sourceRoles: [],
      sourceUsers: [],
      source,
      destination,
      keys: `arn:${partition}:kms:*:${destination}:key/*`,
      hasRoute: { role: false, 'bucket-policy': false },
    };
    add(places.buckets, `arn:${partition}:s3:::${bucket}`);
    add(places.probes, `arn:${partition}:s3:::${bucket}/*crossbucket-probe-*`);
    // Whatever the route, a role of an earlier version is looked for under this name.
    add(places.roles, facts.role.arn);
    places.hasRoute[route] = true;
    for (const { arn, kind } of facts.principals)
      add(kind === 'role' ? places.sourceRoles : places.sourceUsers, arn);
    pairs.set(key, places);
  }
  return [...pairs.values()];
}

function add(list: string[], value: string): void {
  if (!list.includes(value)) list.push(value);
}
