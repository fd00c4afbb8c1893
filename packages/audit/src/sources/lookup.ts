import { Readable } from 'node:stream';
import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { AuditError } from '../audit-error.ts';
import type { Scope } from './key-layout.ts';
import type { Source } from './source.ts';

export interface LookupOptions {
  /** Only these (`sts.amazonaws.com`), each asked for by itself: two requests a second is all that AWS takes. */
  services?: readonly string[];
}

/** Management events of the latest 90 days, without a trail. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
export function lookupSource(
  clients: readonly { region: string; client: CloudTrailClient }[],
  { services }: LookupOptions = {},
): Source {
  return {
    name: 'LookupEvents',
    lookBack: 30 * 60_000,
    note: 'LookupEvents knows management events only: no access to objects can be seen this way, whoever made it',
    async *list(scope) {
      for (const { region, client } of clients)
        if (scope.regions === undefined || scope.regions.includes(region))
          yield {
            key: `LookupEvents ${region}`,
            size: 0,
            // Another time there may be more.
            stamp: new Date().toISOString(),
            open: async () => Readable.from(eventsOf(client, scope, services)),
          };
    },
  };
}

async function* eventsOf(
  client: CloudTrailClient,
  scope: Scope,
  services: readonly string[] | undefined,
): AsyncIterable<Buffer> {
  for (const service of services ?? [undefined]) yield* events(client, scope, service);
}

async function* events(
  client: CloudTrailClient,
  { since, until }: Scope,
  service: string | undefined,
): AsyncIterable<Buffer> {
  const { LookupEventsCommand } = await import('@aws-sdk/client-cloudtrail');
  let token: string | undefined;
  do {
    const page = await client
      .send(
        new LookupEventsCommand({
          NextToken: token,
          ...(service !== undefined && {
            LookupAttributes: [{ AttributeKey: 'EventSource', AttributeValue: service }],
          }),
          ...(since !== undefined && { StartTime: new Date(since) }),
          ...(until !== undefined && { EndTime: new Date(until) }),
        }),
      )
      .catch((cause: unknown) => {
        throw new AuditError(
          'source-failed',
          `LookupEvents failed: ${cause instanceof Error ? cause.message : String(cause)}`,
          'whose credentials these are needs `cloudtrail:LookupEvents`',
          { cause },
        );
      });
    token = page.NextToken;
    for (const { CloudTrailEvent } of page.Events ?? [])
      if (CloudTrailEvent !== undefined) yield Buffer.from(`${CloudTrailEvent}\n`);
  } while (token !== undefined);
}
