import type { ApiCall, ContextValue, SessionFacts } from '@crossbucket/policy';
import type { Survey } from '../services/service.ts';
import { header, type RequestHead } from '../wire/message.ts';
import { UNSIGNED_PAYLOAD, type Signature } from '../wire/signature.ts';
import { parseTimestamp } from '../wire/timestamps.ts';
import type { Caller } from './caller.ts';
import { addNetworkKeys, type Endpoint } from './network.ts';
import { sessionKeys } from './sessions.ts';

/** What is known of a call besides its operation and input. */
export interface RequestFacts {
  head: RequestHead;
  signature: Signature | undefined;
  caller: Caller;
  survey: Survey;
  /** By the sandbox's clock. */
  now: number;
  /** By the machine's. */
  received: number;
  region: string;
  service: string;
  endpoint: Endpoint | undefined;
  /** See `Settings`. */
  plainIsSecure: boolean;
}

/** The condition keys that are the same for all authorizations of a call. */
export function requestContext(facts: RequestFacts): Record<string, ContextValue> {
  const { head, caller, survey, now, service } = facts;
  const context: Record<string, ContextValue> = {
    'aws:SecureTransport': head.tls !== undefined || facts.plainIsSecure,
    'aws:CurrentTime': isoTime(now),
    'aws:EpochTime': Math.floor(now / 1000),
    'aws:RequestedRegion': facts.region,
  };
  // A service's own calls come from no network.
  if (caller.context) Object.assign(context, caller.context);
  else addNetworkKeys(context, head, facts.endpoint);
  const userAgent = header(head, 'user-agent');
  if (userAgent !== undefined) context['aws:UserAgent'] = userAgent;
  const referer = header(head, 'referer');
  if (referer !== undefined) context['aws:Referer'] = referer;
  if (service === 's3' && facts.signature) addS3Keys(context, facts.signature, facts.received);
  if (service === 's3' && head.tls) context['s3:TlsVersion'] = head.tls.version.replace('TLSv', '');
  if (caller.session) Object.assign(context, sessionKeys(caller, now));
  if (survey.context) Object.assign(context, survey.context);
  if (caller.account !== '') context['aws:userid'] = caller.userId;
  return context;
}

/** All that `requestContext` makes keys of, but for the times, the caller, the endpoint and what the survey found. */
export function contextFacts({ head, signature, region, plainIsSecure }: RequestFacts): unknown[] {
  const form = signature && (signature.v2 ? `${signature.form} 2` : signature.form);
  return [
    region,
    form,
    signature?.payloadHash === UNSIGNED_PAYLOAD,
    plainIsSecure,
    head.tls?.version,
    head.remoteAddress,
    header(head, 'user-agent'),
    header(head, 'referer'),
  ];
}

/** The last second that was asked for: to write a date takes longer than to check a signature's. */
let latest = { second: Number.NaN, iso: '' };

/** In whole seconds, as conditions are written. */
function isoTime(now: number): string {
  const second = Math.floor(now / 1000);
  if (second !== latest.second)
    latest = { second, iso: new Date(second * 1000).toISOString().replace('.000Z', 'Z') };
  return latest.iso;
}

const AUTH_TYPES = { header: 'REST-HEADER', query: 'REST-QUERY-STRING', post: 'POST' } as const;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html */
function addS3Keys(context: Record<string, ContextValue>, signature: Signature, received: number): void {
  context['s3:signatureversion'] = signature.v2 ? 'AWS' : 'AWS4-HMAC-SHA256';
  context['s3:authType'] = AUTH_TYPES[signature.form];
  if (signature.v2) return;
  context['s3:signatureAge'] = Math.max(0, received - parseTimestamp(signature.timestamp));
  if (signature.payloadHash === UNSIGNED_PAYLOAD) context['s3:x-amz-content-sha256'] = UNSIGNED_PAYLOAD;
}

/** A call as the engine takes it. */
export function callOf(
  facts: RequestFacts,
  operation: string,
  input: Record<string, unknown>,
  session: SessionFacts | undefined,
): ApiCall {
  const { service, caller, survey } = facts;
  const context = requestContext(facts);
  const call: ApiCall = { service, operation, input, principal: caller.arn, context };
  if (survey.facts) Object.assign(call, survey.facts);
  if (session) call.session = session;
  return call;
}
