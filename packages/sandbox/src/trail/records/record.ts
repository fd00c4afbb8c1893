import { hash } from 'node:crypto';
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
  // Members in the order in which CloudTrail has them; set one by one, as to spread objects takes several times as long.
  const record: Partial<CloudTrailRecord> = {
    eventVersion: '1.11',
    userIdentity: identityFor(entry, recipient),
    eventTime: isoSeconds(entry.time),
    eventSource: eventSource(service),
    eventName: eventName(service, entry.operation),
    awsRegion: entry.region,
    sourceIPAddress: isInternal ? INTERNAL : entry.sourceIp,
    userAgent: isInternal ? INTERNAL : agentOf(entry),
  };
  if (error) {
    // CloudTrail calls a denial by one name, whatever the service answers.
    record.errorCode = error.code === 'AccessDeniedException' ? 'AccessDenied' : error.code;
    record.errorMessage = error.message.slice(0, LONGEST);
  }
  record.requestParameters = fitting('requestParameters', parametersOf(entry, recipient));
  record.responseElements = fitting('responseElements', answerOf(entry));
  if (service === 's3') record.additionalEventData = s3Data(entry);
  record.requestID = entry.requestId;
  // Each account's copy has an id of its own, the same whenever it is read.
  record.eventID = uuidFrom(`${entry.id} ${recipient}`);
  record.readOnly = entry.readOnly;
  if (resources.length > 0) record.resources = resources;
  record.eventType = 'AwsApiCall';
  record.managementEvent = entry.kind === 'management';
  record.recipientAccountId = recipient;
  if (entry.recipients.length > 1) record.sharedEventID = entry.id;
  if (entry.endpoint !== undefined) record.vpcEndpointId = entry.endpoint;
  record.eventCategory = entry.kind === 'data' ? 'Data' : 'Management';
  if (host !== '' && entry.caller.kind !== 'service') {
    const sent = { clientProvidedHostHeader: host };
    record.tlsDetails = tls ? { tlsVersion: tls.version, cipherSuite: tls.cipher, ...sent } : sent;
  }
  return record as CloudTrailRecord;
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
  const hex = hash('sha256', text);
  const [a, b, c] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(13, 16)];
  return `${a}-${b}-4${c}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
