import { Readable } from 'node:stream';
import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { AuditError } from '../audit-error.ts';
import type { Scope } from './key-layout.ts';
import type { Source } from './source.ts';

/** Management events of the latest 90 days, without a trail. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
export function lookupSource(clients: readonly { region: string; client: CloudTrailClient }[]): Source {
  return {
    name: 'LookupEvents',
    note: 'LookupEvents knows management events only: no access to objects can be seen this way, whoever made it',
    async *list(scope) {
      for (const { region, client } of clients)
        if (scope.regions === undefined || scope.regions.includes(region))
          yield {
            key: `LookupEvents ${region}`,
            size: 0,
            stamp: '',
            open: async () => Readable.from(events(client, scope)),
          };
    },
  };
}

async function* events(client: CloudTrailClient, { since, until }: Scope): AsyncIterable<Buffer> {
  const { LookupEventsCommand } = await import('@aws-sdk/client-cloudtrail');
  let token: string | undefined;
  do {
    const page = await client
      .send(
        new LookupEventsCommand({
          NextToken: token,
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
