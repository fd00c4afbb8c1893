import { createHash } from 'node:crypto';
import type { TrailEntry } from '../trail.ts';
import { elementsOf } from './elements.ts';
import { eventName, eventSource } from './names.ts';
import { resourcesOf, type RecordResource } from './resources.ts';
import { s3Answer, s3Data, s3Parameters } from './s3-elements.ts';
import { isoSeconds } from './times.ts';
import { INTERNAL, identityFor } from './user-identity.ts';

/** A record in CloudTrail's format. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
export interface CloudTrailRecord {
  eventVersion: string;
  userIdentity: Record<string, unknown>;
  eventTime: string;
  eventSource: string;
  eventName: string;
  awsRegion: string;
  sourceIPAddress: string;
  userAgent: string;
  errorCode?: string;
  errorMessage?: string;
  requestParameters: Record<string, unknown> | null;
  responseElements: Record<string, unknown> | null;
  additionalEventData?: Record<string, unknown>;
  requestID: string;
  eventID: string;
  readOnly: boolean;
  resources?: RecordResource[];
  eventType: 'AwsApiCall';
  managementEvent: boolean;
  recipientAccountId: string;
  sharedEventID?: string;
  vpcEndpointId?: string;
  eventCategory: 'Data' | 'Management';
  tlsDetails?: { tlsVersion?: string; cipherSuite?: string; clientProvidedHostHeader: string };
}

/** Longest user agent, error code and error message, and largest parameters and answer, in bytes. */
const LONGEST = 1024;
const LARGEST = 102_400;

/** The copy of a call's record that an account gets. */
export function recordFor(entry: TrailEntry, recipient: string): CloudTrailRecord {
  const { service, error, host, tls } = entry;
  const isInternal = entry.internal !== undefined;
  const resources = resourcesOf(entry, recipient);
  return {
    eventVersion: '1.11',
    userIdentity: identityFor(entry, recipient),
    eventTime: isoSeconds(entry.time),
    eventSource: eventSource(service),
    eventName: eventName(service, entry.operation),
    awsRegion: entry.region,
    sourceIPAddress: isInternal ? INTERNAL : entry.sourceIp,
    userAgent: isInternal ? INTERNAL : agentOf(entry),
    ...(error && {
      // CloudTrail calls a denial by one name, whatever the service answers.
      errorCode: error.code === 'AccessDeniedException' ? 'AccessDenied' : error.code,
      errorMessage: error.message.slice(0, LONGEST),
    }),
    requestParameters: fitting('requestParameters', parametersOf(entry, recipient)),
    responseElements: fitting('responseElements', answerOf(entry)),
    ...(service === 's3' && { additionalEventData: s3Data(entry) }),
    requestID: entry.requestId,
    // Each account's copy has an id of its own, the same whenever it is read.
    eventID: uuidFrom(`${entry.id} ${recipient}`),
    readOnly: entry.readOnly,
    ...(resources.length > 0 && { resources }),
    eventType: 'AwsApiCall',
    managementEvent: entry.kind === 'management',
    recipientAccountId: recipient,
    ...(entry.recipients.length > 1 && { sharedEventID: entry.id }),
    ...(entry.endpoint !== undefined && { vpcEndpointId: entry.endpoint }),
    eventCategory: entry.kind === 'data' ? 'Data' : 'Management',
    ...(host !== '' &&
      entry.caller.kind !== 'service' && {
        tlsDetails: {
          ...(tls && { tlsVersion: tls.version, cipherSuite: tls.cipher }),
          clientProvidedHostHeader: host,
        },
      }),
  };
}

function agentOf({ service, userAgent, caller }: TrailEntry): string {
  const text = userAgent.slice(0, LONGEST);
  if (caller.kind === 'service') return text;
  return service === 's3' || service === 's3control' ? `[${text}]` : text;
}

function parametersOf(entry: TrailEntry, recipient: string): Record<string, unknown> | null {
  const { service, input, host, model } = entry;
  const parameters =
    service === 's3' && model
      ? s3Parameters(input, host, model, isTheirs(entry, recipient))
      : elementsOf(input);
  return Object.keys(parameters).length > 0 ? parameters : null;
}

/** Whether a copy is not the caller's own. */
function isTheirs({ caller }: TrailEntry, recipient: string): boolean {
  return caller.account !== recipient;
}

function answerOf({ service, output, model }: TrailEntry): Record<string, unknown> | null {
  if (!output) return null;
  if (service === 's3' && model) return s3Answer(output, model);
  const elements = elementsOf(output);
  return Object.keys(elements).length > 0 ? elements : null;
}

/** What is too large is left out. */
function fitting(name: string, elements: Record<string, unknown> | null): Record<string, unknown> | null {
  if (!elements || !mayBeLarge(elements)) return elements;
  const { length } = JSON.stringify(elements);
  return length > LARGEST ? { omitted: true, originalSize: length, reason: `${name} too large` } : elements;
}

/** Headers and query are small: only documents and lists need to be measured. */
function mayBeLarge(elements: Record<string, unknown>): boolean {
  return Object.values(elements).some((value) =>
    typeof value === 'string' ? value.length > LONGEST : typeof value === 'object',
  );
}

function uuidFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
