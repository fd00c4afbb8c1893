/**
 * What to take out of a JSON object: for each member, a slot of its own, or what to take out of the object that it holds,
 * or of each object of its list. The member `...` stands for all others together. What is `IGNORED` is met often and gone over.
 */
export interface PlanSpec {
  readonly [member: string]: string | PlanSpec | readonly [PlanSpec];
}

const IGNORED = '';

export const isList = (target: PlanSpec[string]): target is readonly [PlanSpec] => Array.isArray(target);

/**
 * What is taken out of a record. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 * and https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
export const RECORD: PlanSpec = {
  eventVersion: 'version',
  eventTime: 'event_time',
  eventID: 'event_id',
  sharedEventID: 'shared_id',
  addendum: { originalEventID: 'original_id' },
  eventSource: 'event_source',
  eventName: 'event_name',
  eventType: 'event_type',
  eventCategory: 'category',
  managementEvent: 'management',
  readOnly: 'read_only',
  awsRegion: 'region',
  recipientAccountId: 'recipient_account',
  sourceIPAddress: 'source_ip',
  userAgent: 'user_agent',
  vpcEndpointId: 'vpc_endpoint_id',
  errorCode: 'error_code',
  errorMessage: 'error_message',
  userIdentity: {
    type: 'caller_type',
    principalId: 'caller_id',
    arn: 'caller_arn',
    accountId: 'caller_account',
    accessKeyId: 'access_key_id',
    userName: 'caller_name',
    invokedBy: 'invoked_by',
    identityProvider: 'identity_provider',
    sessionContext: {
      sessionIssuer: {
        type: IGNORED,
        principalId: IGNORED,
        arn: 'issuer_arn',
        accountId: IGNORED,
        userName: IGNORED,
      },
      attributes: { creationDate: IGNORED, mfaAuthenticated: 'mfa' },
      webIdFederationData: IGNORED,
      sourceIdentity: 'source_identity',
    },
  },
  requestParameters: {
    bucketName: 'bucket',
    Host: 'host',
    host: 'host',
    key: 'object_key',
    prefix: 'list_prefix',
    roleArn: 'target_role',
    roleSessionName: 'target_session',
    '...': 'request',
  },
  responseElements: {
    credentials: { accessKeyId: 'issued_key' },
    accessKey: { accessKeyId: 'issued_key' },
  },
  additionalEventData: {
    SignatureVersion: IGNORED,
    CipherSuite: IGNORED,
    bytesTransferredIn: 'bytes_in',
    SSEApplied: IGNORED,
    AuthenticationMethod: IGNORED,
    'x-amz-id-2': IGNORED,
    bytesTransferredOut: 'bytes_out',
  },
  requestID: IGNORED,
  tlsDetails: IGNORED,
  apiVersion: IGNORED,
  // What LookupEvents gives: the record as a text.
  CloudTrailEvent: 'inner',
  resources: [{ accountId: 'resource_account', type: 'resource_type', ARN: 'resource_arn' }],
};

/** Columns that hold a slot's text as it stands in the record. */
export const PLAIN_COLUMNS = [
  'event_id',
  'event_source',
  'event_name',
  'event_type',
  'category',
  'management',
  'read_only',
  'region',
  'recipient_account',
  'caller_type',
  'caller_id',
  'caller_arn',
  'caller_account',
  'access_key_id',
  'caller_name',
  'invoked_by',
  'identity_provider',
  'issuer_arn',
  'mfa',
  'source_identity',
  'source_ip',
  'user_agent',
  'vpc_endpoint_id',
  'error_code',
  'error_message',
  'issued_key',
  'bucket',
  'object_key',
  'list_prefix',
  'target_role',
  'target_session',
] as const;

/** Columns of text, those that are worked out at the end. */
export const TEXT_COLUMNS = [
  ...PLAIN_COLUMNS,
  'source_file',
  'shared_id',
  'owner_account',
  'resource_arn',
  'request',
] as const;
export const NUMBER_COLUMNS = ['event_time', 'bytes_in', 'bytes_out'] as const;
export type TextName = (typeof TEXT_COLUMNS)[number];
export type NumberName = (typeof NUMBER_COLUMNS)[number];

/** Slots: first those of the plain columns, in their order. */
export const SLOTS: readonly string[] = [...new Set([...PLAIN_COLUMNS, ...slotsOf(RECORD)])];

function slotsOf(spec: PlanSpec): string[] {
  return Object.values(spec).flatMap((target) => {
    if (typeof target === 'string') return target === IGNORED ? [] : [target];
    return slotsOf(isList(target) ? target[0] : target);
  });
}

/** Members that a record has, beside those that are taken out of it. */
const OTHER_MEMBERS = [
  'edgeDeviceDetails',
  'eventContext',
  'insightDetails',
  'requestId',
  'serviceEventDetails',
  'sessionCredentialFromConsole',
  'vpcEndpointAccountId',
];
const MEMBERS = new Set([...Object.keys(RECORD), ...OTHER_MEMBERS]);

/** Whether a record may have a member of this name. */
export const isRecordMember = (name: string): boolean => MEMBERS.has(name);
