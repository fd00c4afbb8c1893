import type { S3Client, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-s3';
import type { FinalizeHandler } from '@aws-sdk/types';
import type { S3Command } from '../s3/bucket-connection.ts';
import type { Scope } from './signature.ts';
import { isSendable } from './wire/head.ts';

/** Where requests of one kind go, and what they carry besides key, body and signature. */
export interface Template {
  method: string;
  secure: boolean;
  hostname: string;
  port: number | undefined;
  /** Everything before the key, with a slash at the end; all of it for a request that has none. */
  base: string;
  query: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
  scope: Scope;
}

interface BuiltRequest {
  method: string;
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query: Record<string, string | string[] | null>;
  headers: Record<string, string>;
}

/** Stands for the key of the request that the template is made from. */
export const PLACEHOLDER = 'k';

/** Said anew for each request, or about the placeholder's body. */
const LEFT_OUT =
  /^(authorization|content-length|expect|connection|transfer-encoding|amz-sdk-.*|x-amz-user-agent|x-amz-(date|security-token|content-sha256|sdk-checksum-algorithm|checksum-(?!mode|type).*))$/;

class Built extends Error {
  readonly request: BuiltRequest;
  constructor(request: BuiltRequest) {
    super('built, and not sent');
    this.request = request;
  }
}

/**
 * Has the SDK build and sign a request and keeps it from being sent. So endpoint, addressing style, region, headers of
 * every setting and the kind of signature are the SDK's own decision. Undefined if the request is signed in another way
 * than by Signature Version 4 in the header, and so only the SDK can send it.
 */
export async function buildTemplate<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
  client: S3Client,
  command: S3Command<I, O>,
): Promise<Template | undefined> {
  const keepFromSending = (): FinalizeHandler<I, O> => (args) => {
    throw new Built(args.request as BuiltRequest);
  };
  // After the signature.
  command.middlewareStack.add(keepFromSending, { step: 'finalizeRequest', priority: 'low' });
  try {
    await client.send(command);
  } catch (error) {
    if (error instanceof Built) return read(error.request, 'Key' in command.input);
    throw error;
  }
  return undefined;
}

function read(
  { method, protocol, hostname, port, path, query, headers }: BuiltRequest,
  hasKey: boolean,
): Template | undefined {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const authorization = lower.find(([name]) => name === 'authorization')?.[1] ?? '';
  const scope = /^AWS4-HMAC-SHA256 Credential=[^,]*\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request,/.exec(
    authorization,
  );
  const plainQuery = Object.values(query).every((value) => typeof value === 'string');
  if (!scope || !plainQuery || !isSendable(headers)) return undefined;
  if (hasKey && !path.endsWith(`/${PLACEHOLDER}`)) return undefined;
  const { 'x-id': _, ...rest } = query as Record<string, string>;
  return {
    method,
    secure: protocol === 'https:',
    hostname,
    port,
    base: hasKey ? path.slice(0, -PLACEHOLDER.length) : path,
    query: rest,
    headers: Object.fromEntries(lower.filter(([name]) => !LEFT_OUT.test(name))),
    scope: { region: scope[1]!, service: scope[2]! },
  };
}
