import type { AthenaClient, AthenaClientConfig } from '@aws-sdk/client-athena';

/** The SDK's client, which is loaded for those who use it. */
export async function athenaClient(config: AthenaClientConfig): Promise<AthenaClient> {
  const { AthenaClient } = await import('@aws-sdk/client-athena');
  return new AthenaClient(config);
}
