import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the scripted STS answers to one call. */
export type StsAnswer =
  | { seconds: number }
  | { status: number; code: string; message: string }
  /** Ends the connection without an answer. */
  | 'hang-up';

export interface StsCall {
  action: string;
  params: URLSearchParams;
  /** Access key id that signed the call. */
  signer: string;
}

export interface StsServer {
  url: string;
  calls: StsCall[];
  /** Called for each request, in order. */
  answer: (call: StsCall, index: number) => StsAnswer | Promise<StsAnswer>;
  /** The server's clock, for Date and Expiration. */
  now: () => number;
  close(): Promise<void>;
}

/** An STS on loopback that answers what the test says and keeps every call. */
export async function startSts(answer: StsServer['answer'] = () => ({ seconds: 3600 })): Promise<StsServer> {
  const server = createServer(async (request, response) => {
    const call = await readCall(request);
    sts.calls.push(call);
    write(response, await sts.answer(call, sts.calls.length - 1), call, sts.calls.length, sts.now());
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const sts: StsServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    answer,
    now: Date.now,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return sts;
}

async function readCall(request: IncomingMessage): Promise<StsCall> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const params = new URLSearchParams(body);
  const signer = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  return { action: params.get('Action') ?? '', params, signer };
}

function write(response: ServerResponse, answer: StsAnswer, call: StsCall, count: number, now: number): void {
  if (answer === 'hang-up') {
    response.destroy();
    return;
  }
  const failed = 'code' in answer;
  response.writeHead(failed ? answer.status : 200, {
    'content-type': 'text/xml',
    date: new Date(now).toUTCString(),
    connection: 'close',
  });
  response.end(failed ? errorXml(answer) : issuedXml(call, count, now + answer.seconds * 1000));
}

const errorXml = ({ code, message }: { code: string; message: string }) =>
  `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;

function issuedXml({ action, params }: StsCall, count: number, expiration: number): string {
  const [, account, name] = /iam::(\d+):role\/(.+)$/.exec(params.get('RoleArn') ?? '') ?? [];
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials>
<AccessKeyId>ASIA${String(count).padStart(16, '0')}</AccessKeyId><SecretAccessKey>secret-${count}</SecretAccessKey>
<SessionToken>token-${count}</SessionToken><Expiration>${new Date(expiration).toISOString()}</Expiration></Credentials>
<AssumedRoleUser><AssumedRoleId>AROAEX:s</AssumedRoleId><Arn>arn:aws:sts::${account}:assumed-role/${name}/${params.get('RoleSessionName')}</Arn></AssumedRoleUser>
</${action}Result></${action}Response>`;
}
