import { stringify } from 'yaml';
import { AccountReader, type AccountConnection } from '../../accounts/index.ts';
import { parseSpec } from '../../spec/index.ts';
import { GrantError } from '../grant-error.ts';
import { requireRead } from '../required.ts';
import { proposeSpec, type Proposal } from './propose.ts';

export interface ImportOptions {
  destination: AccountConnection;
  /** What the file is to call it. */
  name: string;
  /** Accounts that the user has profiles for. */
  sources: { name: string; connection: AccountConnection }[];
  bucket: string;
  /** Names of roles of the destination. */
  roles: string[];
}

/**
 * Reads a bucket's policy and roles, and proposes the specification that comes to the same.
 * @throws AccountError, GrantError `unknown-grant` for what is not there
 */
export async function importGrants({
  destination,
  name,
  sources,
  bucket,
  roles,
}: ImportOptions): Promise<Proposal> {
  const reader = new AccountReader(destination);
  const found = await reader.bucket(bucket);
  requireRead(reader, [`bucket ${bucket}`, `bucket-policy ${bucket}`]);
  if (found === undefined)
    throw new GrantError(
      'unknown-grant',
      `account ${destination.id} has no bucket \`${bucket}\``,
      "name a bucket of the profile's account",
    );
  const snapshots = await Promise.all(
    roles.map(async (role) => {
      const arn = `arn:${destination.partition}:iam::${destination.id}:role/${role}`;
      const snapshot = await reader.principal(arn);
      requireRead(reader, [`principal ${arn}`]);
      if (snapshot === undefined)
        throw new GrantError(
          'unknown-grant',
          `account ${destination.id} has no role \`${role}\``,
          'mend `--role`',
        );
      return snapshot;
    }),
  );
  return proposeSpec({
    partition: destination.partition,
    destination: { name, id: destination.id, profile: destination.profile, region: destination.region },
    sources: Object.fromEntries(
      sources.map((source) => [
        source.connection.id,
        { name: source.name, profile: source.connection.profile },
      ]),
    ),
    bucket,
    policy: found.policy?.document,
    roles: snapshots,
  });
}

/** The proposal as a `crossbucket.yaml`, its notes as comments. */
export function proposalText({ spec, notes }: Proposal): string {
  const comments = [
    'Proposed by `crossbucket grant import` from what is there: look through it before you use it.',
    ...notes,
  ];
  const text = `${comments.map((note) => `# ${note}\n`).join('')}${stringify(spec, { lineWidth: 0 })}`;
  if ((spec.grants ?? []).length > 0) parseSpec(text, 'the proposal');
  return text;
}
