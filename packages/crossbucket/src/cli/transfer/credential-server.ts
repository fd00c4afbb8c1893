import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AwsCredentialIdentity } from '@aws-sdk/types';

/** Hands credentials to whoever on this machine knows the token, as a container's endpoint does. */
export interface CredentialServer {
  /** For AWS_CONTAINER_CREDENTIALS_FULL_URI. */
  url: string;
  /** For AWS_CONTAINER_AUTHORIZATION_TOKEN. */
  token: string;
  close(): Promise<void>;
}

const PATH = '/credentials';

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
export async function serveCredentials(
  credentials: () => Promise<AwsCredentialIdentity>,
): Promise<CredentialServer> {
  const token = randomBytes(32).toString('base64url');
  const server = createServer((request, response) => {
    void answer(request, response, token, credentials);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${PATH}`,
    token,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  { method, url, headers }: IncomingMessage,
  response: ServerResponse,
  token: string,
  credentials: () => Promise<AwsCredentialIdentity>,
): Promise<void> {
  const send = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(body));
  };
  // A page in a browser can be led here by a name of its own; it has neither our name nor the token.
  if (!/^127\.0\.0\.1:\d+$/.test(headers.host ?? '')) return send(403, { message: 'ask for 127.0.0.1' });
  if (!isSame(headers.authorization ?? '', token)) return send(401, { message: 'the token is wrong' });
  if (method !== 'GET' || url !== PATH) return send(404, { message: `ask GET ${PATH}` });
  try {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await credentials();
    // The SDKs expect a token and an end also of credentials that have none.
    const Expiration = (expiration ?? new Date(Date.now() + 3_600_000)).toISOString();
    send(200, {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      Expiration,
    });
  } catch (error) {
    send(500, { code: (error as { code?: string }).code, message: (error as Error).message });
  }
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
