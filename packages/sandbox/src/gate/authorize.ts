import { authorizeCall, type ApiCall, type CallDecision, type ContextValue } from '@crossbucket/policy';
import type { Survey } from '../services/service.ts';
import { header, type RequestHead } from '../wire/message.ts';
import { parseTimestamp, UNSIGNED_PAYLOAD, type Signature } from '../wire/sigv4.ts';
import type { Caller } from './caller.ts';
import { networkKeys, type Endpoint } from './network.ts';
import { sessionKeys } from './sessions.ts';
import type { Worlds } from './world.ts';

/** What the transport tells of a call: the same for all its authorizations. */
export function requestContext(
  head: RequestHead,
  signature: Signature | undefined,
  options: { now: number; region: string; service: string; endpoint?: Endpoint | undefined },
): Record<string, ContextValue> {
  const context: Record<string, ContextValue> = {
    ...networkKeys(head, options.endpoint),
    // Plain HTTP counts as TLS here, so that policies that require it can be tried: see docs/fidelity.md.
    'aws:SecureTransport': true,
    'aws:CurrentTime': new Date(options.now).toISOString(),
    'aws:EpochTime': Math.floor(options.now / 1000),
    'aws:RequestedRegion': options.region,
  };
  const userAgent = header(head, 'user-agent');
  if (userAgent !== undefined) context['aws:UserAgent'] = userAgent;
  const referer = header(head, 'referer');
  if (referer !== undefined) context['aws:Referer'] = referer;
  if (options.service === 's3') Object.assign(context, s3Context(signature));
  return context;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html */
function s3Context(signature: Signature | undefined): Record<string, ContextValue> {
  if (!signature) return {};
  return {
    's3:signatureversion': 'AWS4-HMAC-SHA256',
    's3:authType': signature.form === 'header' ? 'REST-HEADER' : 'REST-QUERY-STRING',
    's3:signatureAge': Math.max(0, Date.now() - parseTimestamp(signature.timestamp)),
    ...(signature.payloadHash === UNSIGNED_PAYLOAD && { 's3:x-amz-content-sha256': UNSIGNED_PAYLOAD }),
  };
}

/** Decides a call. Everything that the sandbox answers has passed through here. */
export function decide(
  worlds: Worlds,
  caller: Caller,
  call: { service: string; operation: string; input: Record<string, unknown> },
  context: Record<string, ContextValue>,
  survey: Survey,
  endpoint?: Endpoint,
): CallDecision {
  const session = worlds.sessions.factsOf(caller);
  const apiCall: ApiCall = {
    ...call,
    ...survey.facts,
    principal: caller.arn,
    context: {
      ...context,
      ...sessionKeys(caller, Number(context['aws:EpochTime']) * 1000),
      ...survey.context,
      ...(caller.account !== '' && { 'aws:userid': caller.userId }),
    },
    ...(session && { session }),
  };
  return authorizeCall(worlds.worldFor(caller, survey, endpoint), apiCall);
}
