import type { PolicyKind } from '@crossbucket/policy';
import { inlinePolicyName, principalName } from '../accounts/index.ts';
import { openSources, readersOf } from './collect/sources.ts';
import { ExplainError } from './explain-error.ts';

/** A policy as an account has it now. */
export interface LiveDocument {
  name: string;
  kind: PolicyKind;
  account: string;
  text: string;
}

/** The policies of a bucket (`s3://NAME`), or of a user or role by its ARN. @throws ExplainError, AccountError */
export async function liveDocuments(target: string, profiles?: readonly string[]): Promise<LiveDocument[]> {
  const { connections, failures } = await openSources({ profiles });
  if (connections.length === 0 && failures[0]) throw failures[0].error;
  const readers = [...readersOf(connections, undefined).values()].map((list) => list[0]!);
  const bucket = /^s3:\/\/([^/]+)\/?$/.exec(target)?.[1];
  const found: LiveDocument[] = [];
  for (const reader of readers) {
    const { id: account } = reader.connection;
    const add = (name: string, kind: PolicyKind) => {
      const text = reader.text(name);
      if (text !== undefined) found.push({ name: `${account}: ${name}`, kind, account, text });
    };
    if (bucket !== undefined) {
      if ((await reader.bucketNames())?.includes(bucket) !== false && (await reader.bucket(bucket)))
        add(`bucket-policy ${bucket}`, 'bucket');
      continue;
    }
    if (target.split(':')[4] !== account) continue;
    const [principal, holder] = [await reader.principal(target), principalName(target)];
    for (const policy of principal?.policies ?? []) {
      // A group's policies are among those of its users.
      const [of = holder!] = reader.holdersOf(policy);
      add(
        policy.arn === undefined ? inlinePolicyName(of, policy.name) : `managed-policy ${policy.arn}`,
        'identity',
      );
    }
    if (principal !== undefined) add(`trust-policy ${principal.arn}`, 'trust');
  }
  if (found.length > 0) return found;
  throw new ExplainError(
    'unknown-name',
    `no policy of \`${target}\` could be read`,
    'name a profile of its account with --profile, or mend the name',
  );
}
