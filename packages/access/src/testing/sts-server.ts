import { startServer, type Received, type Reply } from './http-server.ts';

/** What the scripted STS answers to one call. */
export type StsAnswer =
  | { seconds: number }
  | { status: number; code: string; message?: string }
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

/** An STS on loopback that answers what the test says and keeps every call. Its credentials are numbered by call. */
export async function startSts(): Promise<StsServer> {
  const server = await startServer(async (request) => {
    const call = readCall(request);
    sts.calls.push(call);
    const count = sts.calls.length;
    return write(await sts.answer(call, count - 1), call, count, sts.now());
  });
  const sts: StsServer = {
    url: server.url,
    calls: [],
    answer: () => ({ seconds: 3600 }),
    now: Date.now,
    close: server.close,
  };
  return sts;
}

export function signerOf({ headers }: Received): string {
  return /Credential=([^/]+)/.exec(headers.authorization ?? '')?.[1] ?? '';
}

function readCall(request: Received): StsCall {
  const params = new URLSearchParams(request.body);
  return { action: params.get('Action') ?? '', params, signer: signerOf(request) };
}

function write(answer: StsAnswer, call: StsCall, count: number, now: number): Reply {
  if (answer === 'hang-up') return undefined;
  const headers = { 'content-type': 'text/xml', date: new Date(now).toUTCString() };
  return 'code' in answer
    ? { status: answer.status, headers, body: errorXml(answer) }
    : { headers, body: issuedXml(call, count, now + answer.seconds * 1000) };
}

const NAMESPACE = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';

const errorXml = ({ code, message = 'no' }: { code: string; message?: string }) =>
  `<ErrorResponse ${NAMESPACE}><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;

function issuedXml({ action, params }: StsCall, count: number, expiration: number): string {
  const [, account, name] = /iam::(\d+):role\/(?:.*\/)?(.+)$/.exec(params.get('RoleArn') ?? '') ?? [];
  const session = `${name}/${params.get('RoleSessionName')}`;
  return `<${action}Response ${NAMESPACE}><${action}Result>
<Credentials><AccessKeyId>ASIA${String(count).padStart(16, '0')}</AccessKeyId><SecretAccessKey>secret-${count}</SecretAccessKey>
<SessionToken>token-${count}</SessionToken><Expiration>${new Date(expiration).toISOString()}</Expiration></Credentials>
<AssumedRoleUser><AssumedRoleId>AROAEX:s</AssumedRoleId><Arn>arn:aws:sts::${account}:assumed-role/${session}</Arn></AssumedRoleUser>
</${action}Result></${action}Response>`;
}
