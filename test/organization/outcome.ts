import { readFileSync } from 'node:fs';
import * as kms from '@aws-sdk/client-kms';
import * as s3 from '@aws-sdk/client-s3';
import * as sts from '@aws-sdk/client-sts';
import type { Stage } from './stage.ts';

export type Row = [
  actor: string,
  operation: string,
  input: Record<string, string>,
  expected: string,
  why: string,
];

export const { calls } = JSON.parse(readFileSync(new URL('calls.json', import.meta.url), 'utf8')) as {
  calls: Row[];
};

/** A client that sends any of its service's commands. */
interface AnyClient {
  send(command: object): Promise<{ $metadata: { requestId?: string } }>;
}

const SERVICES = [
  { module: s3, client: s3.S3Client },
  { module: sts, client: sts.STSClient },
  { module: kms, client: kms.KMSClient },
] as const;

/** Makes a call by the SDK and says how it came out: `allow`, or the first cause that the sandbox gives. */
export async function outcomeOf(
  { actors, aws, configuration, names }: Stage,
  [actor, operation, input]: Row,
): Promise<string> {
  const [name = '', endpoint] = actor.split(' via ');
  const service = SERVICES.find(({ module }) => `${operation}Command` in module)!;
  const door = endpoint === undefined ? undefined : aws.vpcEndpoints[endpoint];
  const client = new service.client(configuration(actors[name]!, door)) as unknown as AnyClient;
  const Command = (service.module as unknown as Record<string, new (input: object) => object>)[
    `${operation}Command`
  ]!;
  const filled = Object.entries(input).map(([member, value]) => [
    member,
    value.replaceAll(/\{(\w+)\}/g, (_, key: string) => names[key] ?? ''),
  ]);
  try {
    await client.send(new Command(Object.fromEntries(filled) as object));
    return 'allow';
  } catch (error) {
    const { name: code, message, $metadata } = error as Error & { $metadata?: { requestId?: string } };
    const [cause] = aws.decision($metadata?.requestId ?? '')?.causes ?? [];
    return cause?.code ?? `${code}: ${message}`;
  }
}
