import { CreateKeyCommand, KMSClient, type CreateKeyCommandInput } from '@aws-sdk/client-kms';
import type { Sandbox } from '@crossbucket/sandbox';
import type { Identity } from './clients.ts';

export function kmsOf(aws: Sandbox, credentials: Identity, region = 'us-east-1'): KMSClient {
  return new KMSClient({ region, endpoint: aws.endpoint, credentials, maxAttempts: 1 });
}

/** Makes a key and returns its ARN. */
export async function makeKey(kms: KMSClient, input: CreateKeyCommandInput = {}): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand(input));
  return KeyMetadata!.Arn!;
}

export const idOf = (arn: string): string => arn.slice(arn.indexOf('/') + 1);
