import { decrypts, decryptsChecksum, encrypts, reencrypts } from './encryption.ts';
import { booleanAt, has, isRecord, listAt, members, recordAt, textAt } from './input.ts';
import { type CallTable, type KeySource, type Need, type Row, anything } from './need.ts';
import { copyHeaders, copiesTags, ofSource } from './s3-copies.ts';
import {
  aclHeaders,
  encryptionHeaders,
  eventHold,
  existingTags,
  legalHold,
  objectTags,
  preconditions,
  retention,
  retentionKeys,
  setsAcl,
  storageHeaders,
  versionId,
} from './s3-keys.ts';
import { objectArn, onBucket, onObject } from './s3-resources.ts';

/** An action on an object, which may have another name where a version is asked for by its id. */
const needs = (action: string, ofVersion: string, ...keys: KeySource[]): Need => ({
  action: ({ input }) => `s3:${textAt(input, 'VersionId') === undefined ? action : ofVersion}`,
  on: onObject,
  keys: [versionId, ...keys],
});

const get = needs('GetObject', 'GetObjectVersion', existingTags);

const getTags = needs('GetObjectTagging', 'GetObjectVersionTagging', existingTags);

const putKeys = [
  aclHeaders,
  encryptionHeaders,
  storageHeaders,
  preconditions,
  legalHold,
  retention,
  eventHold,
  objectTags,
];

const puts = (...keys: KeySource[]): Need => ({ action: 's3:PutObject', on: onObject, keys });

/** Uploads of parts are exempt from what policies ask of a write: https://docs.amazonaws.cn/en_us/AmazonS3/latest/userguide/conditional-writes-enforce.html */
const creates =
  (whole: boolean): KeySource =>
  () => ({ 's3:ObjectCreationOperation': whole });

/** What headers of a new object need besides `s3:PutObject`, as the SDK documents PutObject. */
const putExtras: readonly Need[] = [
  {
    action: 's3:PutObjectAcl',
    on: onObject,
    keys: [aclHeaders],
    // AWS's examples of uploads that hand the object over allow no more than `s3:PutObject`.
    when: (call) => setsAcl(call) && textAt(call.input, 'ACL') !== 'bucket-owner-full-control',
  },
  { action: 's3:PutObjectTagging', on: onObject, keys: [objectTags], when: has('Tagging') },
  {
    action: 's3:PutObjectRetention',
    on: onObject,
    keys: [retention, eventHold],
    when: has('ObjectLockMode', 'ObjectLockRetainUntilDate', 'ObjectLockEventHold'),
  },
  {
    action: 's3:PutObjectLegalHold',
    on: onObject,
    keys: [legalHold],
    when: has('ObjectLockLegalHoldStatus'),
  },
];

/** Whether a write's condition names an ETag: `*` only asks whether something is there. */
const namesEtag = (ifMatch: string | undefined): boolean => ifMatch !== undefined && ifMatch !== '*';

/**
 * Who learns whether an ETag is the object's may read it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-delete-enforce.html
 */
const comparesEtag: Need = {
  action: 's3:GetObject',
  on: onObject,
  keys: [existingTags],
  when: ({ input }) => namesEtag(textAt(input, 'IfMatch')),
};

const bypassesGovernance: Need = {
  action: 's3:BypassGovernanceRetention',
  on: onObject,
  when: ({ input }) => booleanAt(input, 'BypassGovernanceRetention'),
};

/** One authorization for each object; S3 answers for each by itself. */
const DELETE_MANY: Row = (call) => {
  const bucket = textAt(call.input, 'Bucket');
  return listAt(recordAt(call.input, 'Delete'), 'Objects').flatMap((object) => {
    if (!isRecord(object)) return [];
    const on = () => objectArn(call, bucket, textAt(object, 'Key') ?? '');
    const version = textAt(object, 'VersionId');
    const action = version === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
    const ifMatch = version === undefined ? textAt(object, 'ETag') : undefined;
    const keys = [() => ({ 's3:VersionId': version, 's3:if-match': ifMatch })];
    return [
      { action, on, keys },
      { ...comparesEtag, on, when: () => namesEtag(ifMatch) },
      { ...bypassesGovernance, on },
    ];
  });
};

const bucketSession: Row = [{ action: 's3express:CreateSession', on: onBucket }];

const annotated = members({ 's3:x-amz-object-if-match': 'ObjectIfMatch' });

const annotationListing = members({
  's3:annotation-prefix': 'AnnotationPrefix',
  's3:max-annotation-results': 'MaxAnnotationResults',
});

/** Operations of S3 on objects. Actions: https://docs.amazonaws.cn/service-authorization/latest/reference/list_s3.html */
export const S3_OBJECTS: CallTable = {
  GetObject: [get, decrypts],
  HeadObject: [get, decryptsChecksum],
  SelectObjectContent: [get, decrypts],
  GetObjectTorrent: [{ action: 's3:GetObjectTorrent', on: onObject }],
  GetObjectAttributes: [
    get,
    needs('GetObjectAttributes', 'GetObjectVersionAttributes', existingTags),
    {
      ...decrypts,
      when: ({ input }) => listAt(input, 'ObjectAttributes').includes('Checksum'),
    },
  ],
  PutObject: [puts(...putKeys, creates(true)), comparesEtag, ...putExtras, encrypts],
  CopyObject: [
    ofSource(get),
    { ...ofSource(getTags), when: copiesTags },
    ofSource(decrypts),
    puts(...putKeys, copyHeaders, creates(true)),
    comparesEtag,
    { action: 's3:PutObjectTagging', on: onObject, when: copiesTags },
    ...putExtras,
    encrypts,
  ],
  CreateMultipartUpload: [puts(...putKeys, creates(false)), ...putExtras, encrypts],
  UploadPart: [puts(encryptionHeaders, creates(false)), decrypts],
  UploadPartCopy: [
    ofSource(get),
    ofSource(decrypts),
    puts(encryptionHeaders, copyHeaders, creates(false)),
    decrypts,
  ],
  CompleteMultipartUpload: [puts(preconditions, encryptionHeaders, creates(true)), comparesEtag, decrypts],
  AbortMultipartUpload: [{ action: 's3:AbortMultipartUpload', on: onObject }],
  ListParts: [{ action: 's3:ListMultipartUploadParts', on: onObject }, decrypts],
  DeleteObject: [
    needs('DeleteObject', 'DeleteObjectVersion', ({ input }) => ({
      's3:if-match': textAt(input, 'VersionId') === undefined ? textAt(input, 'IfMatch') : undefined,
    })),
    { ...comparesEtag, when: (call) => !has('VersionId')(call) && comparesEtag.when!(call) },
    bypassesGovernance,
  ],
  DeleteObjects: DELETE_MANY,
  GetObjectTagging: [getTags],
  PutObjectTagging: [needs('PutObjectTagging', 'PutObjectVersionTagging', existingTags, objectTags)],
  DeleteObjectTagging: [needs('DeleteObjectTagging', 'DeleteObjectVersionTagging', existingTags)],
  GetObjectAcl: [needs('GetObjectAcl', 'GetObjectVersionAcl', existingTags)],
  PutObjectAcl: [needs('PutObjectAcl', 'PutObjectVersionAcl', existingTags, aclHeaders)],
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
  RestoreObject: [{ action: 's3:RestoreObject', on: onObject }],
  UpdateObjectEncryption: [
    {
      action: 's3:UpdateObjectEncryption',
      on: onObject,
      keys: [
        existingTags,
        ({ input }) => {
          const key = textAt(input, 'ObjectEncryption.SSEKMS.KMSKeyArn');
          return {
            's3:x-amz-server-side-encryption': key && 'aws:kms',
            's3:x-amz-server-side-encryption-aws-kms-key-id': key,
          };
        },
      ],
    },
    ...reencrypts,
  ],
  GetObjectAnnotation: [
    needs('GetObjectAnnotation', 'GetObjectVersionAnnotation', existingTags),
    decryptsChecksum,
  ],
  ListObjectAnnotations: [
    needs('ListObjectAnnotations', 'ListObjectVersionAnnotations', existingTags, annotationListing),
  ],
  PutObjectAnnotation: [needs('PutObjectAnnotation', 'PutObjectVersionAnnotation', existingTags, annotated)],
  DeleteObjectAnnotation: [
    needs('DeleteObjectAnnotation', 'DeleteObjectVersionAnnotation', existingTags, annotated),
  ],
  RenameObject: bucketSession,
  // Answers a call of an Object Lambda access point, whose name is not in the input.
  WriteGetObjectResponse: [{ action: 's3-object-lambda:WriteGetObjectResponse', on: anything }],
};
