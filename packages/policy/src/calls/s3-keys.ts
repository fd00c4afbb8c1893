import type { ApiCall } from '../snapshot.ts';
import { has, listAt, members, recordAt, tagKeys, tagPairs, textAt } from './input.ts';
import type { Keys, KeySource } from './need.ts';

// Keys by action: https://docs.amazonaws.cn/service-authorization/latest/reference/list_s3.html

export const listing = members({
  's3:prefix': 'Prefix',
  's3:delimiter': 'Delimiter',
  's3:max-keys': 'MaxKeys',
});

export const versionId = members({ 's3:VersionId': 'VersionId' });

export const aclHeaders = members({
  's3:x-amz-acl': 'ACL',
  's3:x-amz-grant-full-control': 'GrantFullControl',
  's3:x-amz-grant-read': 'GrantRead',
  's3:x-amz-grant-read-acp': 'GrantReadACP',
  's3:x-amz-grant-write': 'GrantWrite',
  's3:x-amz-grant-write-acp': 'GrantWriteACP',
});

/** Whether a write sets an ACL. */
export const setsAcl = has(
  'ACL',
  'GrantFullControl',
  'GrantRead',
  'GrantReadACP',
  'GrantWrite',
  'GrantWriteACP',
);

export const encryptionHeaders = members({
  's3:x-amz-server-side-encryption': 'ServerSideEncryption',
  's3:x-amz-server-side-encryption-aws-kms-key-id': 'SSEKMSKeyId',
  's3:x-amz-server-side-encryption-customer-algorithm': 'SSECustomerAlgorithm',
});

export const storageHeaders = members({
  's3:x-amz-storage-class': 'StorageClass',
  's3:x-amz-website-redirect-location': 'WebsiteRedirectLocation',
});

export const preconditions = members({ 's3:if-match': 'IfMatch', 's3:if-none-match': 'IfNoneMatch' });

export const legalHold = members({ 's3:object-lock-legal-hold': 'ObjectLockLegalHoldStatus' });

export const eventHold = members({
  's3:object-lock-event-hold': 'ObjectLockEventHold',
  's3:object-lock-event-hold-duration-days': 'ObjectLockEventHoldDurationDays',
});

export const retention: KeySource = ({ input, context }) =>
  retentionKeys(textAt(input, 'ObjectLockMode'), textAt(input, 'ObjectLockRetainUntilDate'), context);

/** Retention in days counts from the time of the request, which the transport tells in `aws:CurrentTime`. */
export function retentionKeys(
  mode: string | undefined,
  until: string | undefined,
  context: ApiCall['context'],
): Keys {
  const now = Date.parse(String(context?.['aws:CurrentTime']));
  const days = Math.floor((Date.parse(until ?? '') - now) / 86_400_000);
  return {
    's3:object-lock-mode': mode,
    's3:object-lock-retain-until-date': until,
    's3:object-lock-remaining-retention-days': Number.isFinite(days) ? days : undefined,
  };
}

/** Tags that a write carries: the URL query of the header, or the `TagSet` of the body. */
export const objectTags: KeySource = ({ input }) => {
  const header = textAt(input, 'Tagging');
  const pairs =
    header === undefined ? tagPairs(listAt(recordAt(input, 'Tagging'), 'TagSet')) : queryPairs(header);
  return tagKeys('s3:RequestObjectTag', 's3:RequestObjectTagKeys', pairs);
};

function queryPairs(query: string): [string, string][] {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const cut = pair.indexOf('=');
      return cut < 0 ? [decoded(pair), ''] : [decoded(pair.slice(0, cut)), decoded(pair.slice(cut + 1))];
    });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/**
 * Tags that the object already has; writes and deletions do not see them.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html
 */
export const existingTags: KeySource = ({ object }) => {
  const context: Keys = {};
  for (const [key, value] of Object.entries(object?.tags ?? {})) {
    context[`s3:ExistingObjectTag/${key}`] = value;
  }
  return context;
};
