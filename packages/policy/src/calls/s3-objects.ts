import type { ApiCall } from '../snapshot.ts';
import { decrypts, decryptsParts, encrypts } from './encryption.ts';
import { has, isRecord, listAt, members, recordAt, textAt } from './input.ts';
import type { CallTable, KeySource, Need, Row } from './need.ts';
import {
  ACL_MEMBERS,
  aclHeaders,
  encryptionHeaders,
  existingTags,
  legalHold,
  objectTags,
  preconditions,
  retention,
  retentionKeys,
  storageHeaders,
  versionId,
} from './s3-keys.ts';
import { copySource, objectArn, onObject } from './s3-resources.ts';

/** An action that has a second name for a version that is asked for by its id. */
const versioned =
  (current: string, ofVersion: string): Need['action'] =>
  ({ input }) =>
    textAt(input, 'VersionId') === undefined ? current : ofVersion;

const reads = (current: string, ofVersion: string, ...keys: KeySource[]): Need => ({
  action: versioned(current, ofVersion),
  on: onObject,
  keys: [versionId, existingTags, ...keys],
});

const get = reads('s3:GetObject', 's3:GetObjectVersion');

const putKeys = [
  aclHeaders,
  encryptionHeaders,
  storageHeaders,
  preconditions,
  legalHold,
  retention,
  objectTags,
];

/** What headers of a new object need besides `s3:PutObject`. */
const putExtras: readonly Need[] = [
  { action: 's3:PutObjectAcl', on: onObject, keys: [aclHeaders], when: has(...ACL_MEMBERS) },
  { action: 's3:PutObjectTagging', on: onObject, keys: [objectTags], when: has('Tagging') },
  {
    action: 's3:PutObjectRetention',
    on: onObject,
    keys: [retention],
    when: has('ObjectLockMode', 'ObjectLockRetainUntilDate'),
  },
  {
    action: 's3:PutObjectLegalHold',
    on: onObject,
    keys: [legalHold],
    when: has('ObjectLockLegalHoldStatus'),
  },
];

const bypassesGovernance: Need = {
  action: 's3:BypassGovernanceRetention',
  on: onObject,
  when: ({ input }) => textAt(input, 'BypassGovernanceRetention') === 'true',
};

const copyHeaders: KeySource = (call) => {
  const source = copySource(call);
  return {
    's3:x-amz-copy-source': source && `${source.bucket}/${source.key}`,
    's3:x-amz-metadata-directive': textAt(call.input, 'MetadataDirective'),
  };
};

/** The source of a copy, as a call that gets it. */
function readOfSource(call: ApiCall): ApiCall {
  const source = copySource(call);
  if (source === undefined) return call;
  const { object: _, bucketEncryption: __, copySource: object, ...rest } = call;
  const input = {
    Bucket: source.bucket,
    Key: source.key,
    ...(source.versionId && { VersionId: source.versionId }),
  };
  return { ...rest, input, ...(object && { object }) };
}

/** A need of the source's, seen from the call that copies. */
function ofSource(need: Need): Need {
  const { action, on, keys = [], when } = need;
  return {
    action: (call) => (typeof action === 'string' ? action : action(readOfSource(call))),
    on: (call) => (copySource(call) ? on(readOfSource(call)) : undefined),
    keys: keys.map((source) => (call: ApiCall) => source(readOfSource(call))),
    ...(when && { when: (call: ApiCall) => when(readOfSource(call)) }),
  };
}

/** A copy takes the source's tags along unless it is told to replace them. */
const copiesTags = (call: ApiCall): boolean =>
  textAt(call.input, 'TaggingDirective') !== 'REPLACE' && Object.keys(call.copySource?.tags ?? {}).length > 0;

const COPY: Row = [
  ofSource(get),
  { ...ofSource(reads('s3:GetObjectTagging', 's3:GetObjectVersionTagging')), when: copiesTags },
  ofSource(decrypts),
  { action: 's3:PutObject', on: onObject, keys: [...putKeys, copyHeaders] },
  { action: 's3:PutObjectTagging', on: onObject, when: copiesTags },
  ...putExtras,
  encrypts,
];

/** One authorization for each object; S3 answers for each by itself. */
const DELETE_MANY: Row = (call) => {
  const bucket = textAt(call.input, 'Bucket');
  return listAt(recordAt(call.input, 'Delete'), 'Objects').flatMap((object) => {
    if (!isRecord(object)) return [];
    const on = () => objectArn(call, bucket, textAt(object, 'Key') ?? '');
    const version = textAt(object, 'VersionId');
    const action = version === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
    const keys: KeySource[] = [() => ({ 's3:VersionId': version })];
    return [
      { action, on, keys },
      { ...bypassesGovernance, on },
    ];
  });
};

/** Object operations of S3. Actions by operation: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
export const S3_OBJECTS: CallTable = {
  GetObject: [get, decrypts],
  HeadObject: [get, decrypts],
  PutObject: [{ action: 's3:PutObject', on: onObject, keys: putKeys }, ...putExtras, encrypts],
  CopyObject: COPY,
  DeleteObject: [
    {
      action: versioned('s3:DeleteObject', 's3:DeleteObjectVersion'),
      on: onObject,
      keys: [versionId, preconditions],
    },
    bypassesGovernance,
  ],
  DeleteObjects: DELETE_MANY,
  CreateMultipartUpload: [
    { action: 's3:PutObject', on: onObject, keys: putKeys },
    ...putExtras,
    encrypts,
    decryptsParts,
  ],
  UploadPart: [{ action: 's3:PutObject', on: onObject, keys: [encryptionHeaders] }, decrypts],
  UploadPartCopy: [
    ofSource(get),
    ofSource(decrypts),
    { action: 's3:PutObject', on: onObject, keys: [encryptionHeaders, copyHeaders] },
    decrypts,
  ],
  CompleteMultipartUpload: [{ action: 's3:PutObject', on: onObject, keys: [preconditions] }, decrypts],
  AbortMultipartUpload: [{ action: 's3:AbortMultipartUpload', on: onObject }],
  ListParts: [{ action: 's3:ListMultipartUploadParts', on: onObject }],
  GetObjectTagging: [reads('s3:GetObjectTagging', 's3:GetObjectVersionTagging')],
  PutObjectTagging: [reads('s3:PutObjectTagging', 's3:PutObjectVersionTagging', objectTags)],
  DeleteObjectTagging: [reads('s3:DeleteObjectTagging', 's3:DeleteObjectVersionTagging')],
  GetObjectAcl: [reads('s3:GetObjectAcl', 's3:GetObjectVersionAcl')],
  PutObjectAcl: [reads('s3:PutObjectAcl', 's3:PutObjectVersionAcl', aclHeaders)],
  GetObjectAttributes: [get, reads('s3:GetObjectAttributes', 's3:GetObjectVersionAttributes'), decrypts],
  GetObjectLegalHold: [{ action: 's3:GetObjectLegalHold', on: onObject }],
  PutObjectLegalHold: [
    {
      action: 's3:PutObjectLegalHold',
      on: onObject,
      keys: [members({ 's3:object-lock-legal-hold': 'LegalHold.Status' })],
    },
  ],
  GetObjectRetention: [{ action: 's3:GetObjectRetention', on: onObject }],
  PutObjectRetention: [
    {
      action: 's3:PutObjectRetention',
      on: onObject,
      keys: [
        ({ input, context }) =>
          retentionKeys(textAt(input, 'Retention.Mode'), textAt(input, 'Retention.RetainUntilDate'), context),
      ],
    },
    bypassesGovernance,
  ],
};
