import type { CORSRule } from '@aws-sdk/client-s3';
import type { Store } from '../../../store/store.ts';
import { addressOf } from '../../../wire/address.ts';
import { AwsError } from '../../../wire/errors.ts';
import { header, type RequestHead, type WireResponse } from '../../../wire/message.ts';
import { findAccessPoint } from '../access-points.ts';
import { configurationOf } from './stored.ts';

// What browsers ask before they send a page's request to another origin, and look for in its answer.
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html

/** Answers a preflight request; nobody signs one. */
export function answerPreflight(head: RequestHead, store: Store): WireResponse {
  const origin = header(head, 'origin');
  if (!origin) throw insufficient('Insufficient information. Origin request header needed.');
  const method = header(head, 'access-control-request-method');
  if (!method) throw insufficient('Invalid Access-Control-Request-Method: null');
  const rules = rulesOf(head, store);
  if (!rules) throw forbidden(head, method, 'CORS is not enabled for this bucket.');
  const asked = (header(head, 'access-control-request-headers') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const rule = rules.find((one) => allows(one, origin, method) && asked.every((name) => takes(one, name)));
  if (!rule)
    throw forbidden(
      head,
      method,
      'This CORS request is not allowed. This is usually because the evalution of Origin, request method / ' +
        "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
    );
  const headers = headersOf(rule, origin);
  if (asked.length > 0) headers['access-control-allow-headers'] = asked.join(', ');
  return { status: 200, headers };
}

/** What tells a browser that a page may read the answer to its request, be it an error. */
export function crossOriginHeaders(head: RequestHead, store: Store): Record<string, string> | undefined {
  const origin = header(head, 'origin')!;
  const rule = rulesOf(head, store)?.find((one) => allows(one, origin, head.method));
  return rule && headersOf(rule, origin);
}

function rulesOf(head: RequestHead, store: Store): CORSRule[] | undefined {
  const { bucket: name } = addressOf(head);
  if (name === undefined) return undefined;
  const bucket = store.buckets.get(findAccessPoint(name, store)?.bucket ?? name);
  return bucket && configurationOf(bucket, 'cors')?.CORSRules;
}

const allows = ({ AllowedOrigins, AllowedMethods }: CORSRule, origin: string, method: string): boolean =>
  AllowedMethods!.includes(method) && AllowedOrigins!.some((pattern) => isLike(pattern, origin));

const takes = ({ AllowedHeaders = [] }: CORSRule, name: string): boolean =>
  AllowedHeaders.some((pattern) => isLike(pattern.toLowerCase(), name));

/** A pattern has one asterisk at most. */
function isLike(pattern: string, text: string): boolean {
  const [start = '', end] = pattern.split('*');
  if (end === undefined) return text === start;
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
}

function headersOf(rule: CORSRule, origin: string): Record<string, string> {
  const { AllowedOrigins, AllowedMethods, ExposeHeaders = [], MaxAgeSeconds } = rule;
  const anyone = AllowedOrigins!.find((pattern) => isLike(pattern, origin)) === '*';
  return {
    'access-control-allow-origin': anyone ? '*' : origin,
    'access-control-allow-methods': AllowedMethods!.join(', '),
    ...(ExposeHeaders.length > 0 && { 'access-control-expose-headers': ExposeHeaders.join(', ') }),
    ...(MaxAgeSeconds !== undefined && { 'access-control-max-age': String(MaxAgeSeconds) }),
    ...(!anyone && { 'access-control-allow-credentials': 'true' }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

const insufficient = (message: string): AwsError => new AwsError('BadRequest', message);

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors-troubleshooting.html */
function forbidden(head: RequestHead, method: string, message: string): AwsError {
  return new AwsError('AccessForbidden', `CORSResponse: ${message}`, {
    status: 403,
    fields: { Method: method, ResourceType: addressOf(head).level.toUpperCase() },
  });
}
