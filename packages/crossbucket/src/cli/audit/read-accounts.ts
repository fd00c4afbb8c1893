import type { World } from '@crossbucket/policy';
import type { AnswerRow } from '@crossbucket/audit';
import { AccountReader, connect, readWorld } from '../../accounts/index.ts';
import { addressOf, type Spec } from '../../spec/index.ts';

/** The accounts of a configuration as they are now, as far as these calls are concerned. */
export async function readAccounts(spec: Spec, rows: readonly AnswerRow[]): Promise<World> {
  const connections = await Promise.all(
    Object.keys(spec.accounts).map((name) => connect(addressOf(spec, name))),
  );
  const readers = new Map(connections.map((connection) => [connection.id, new AccountReader(connection)]));
  const arns = new Set<string>();
  const buckets = new Map<string, string>();
  for (const { principal, sample, service, bucket, owner } of rows) {
    for (const text of [principal, service === 'sts' ? sample : null])
      if (typeof text === 'string' && /^arn:[^:]+:iam::\d{12}:(user|role)\//.test(text)) arns.add(text);
    if (typeof bucket === 'string') buckets.set(bucket, String(owner));
  }
  await Promise.all([
    ...[...arns].map((arn) => readers.get(arn.split(':')[4]!)?.principal(arn)),
    ...[...buckets].map(([bucket, owner]) => readers.get(owner)?.bucket(bucket)),
    ...[...readers.values()].map((reader) => reader.publicAccessBlock()),
  ]);
  return readWorld([...readers.values()]);
}
