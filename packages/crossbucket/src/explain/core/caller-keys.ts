/** A condition key whose value the caller chooses, by how the call is made. */
export interface CallerKey {
  /** Member of the SDK's input that sets it; without one, it is how the call is sent. */
  member?: string;
  /** What to do, with the value that is wanted. */
  words: (value: string) => string;
  isNumber?: true;
}

const header = (member: string): CallerKey => ({ member, words: (value) => `pass \`${member}: ${value}\`` });
const way = (words: (value: string) => string): CallerKey => ({ words });

/** By key, in lower case. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
export const CALLER_KEYS: ReadonlyMap<string, CallerKey> = new Map<string, CallerKey>([
  ['aws:sourcevpce', way((value) => `send the call through VPC endpoint \`${value}\``)],
  ['aws:sourcevpc', way((value) => `send the call from \`${value}\`, through a VPC endpoint`)],
  ['aws:sourceip', way((value) => `send the call from \`${value}\``)],
  ['aws:vpcsourceip', way((value) => `send the call from \`${value}\`, through a VPC endpoint`)],
  ['aws:securetransport', way(() => 'use https')],
  ['aws:multifactorauthpresent', way(() => 'sign in with a second factor')],
  ['aws:multifactorauthage', way(() => 'sign in with a second factor anew')],
  ['aws:useragent', way((value) => `send the user agent \`${value}\``)],
  ['aws:referer', way((value) => `send the referer \`${value}\``)],
  ['s3:x-amz-server-side-encryption', header('ServerSideEncryption')],
  ['s3:x-amz-server-side-encryption-aws-kms-key-id', header('SSEKMSKeyId')],
  ['s3:x-amz-acl', header('ACL')],
  ['s3:x-amz-storage-class', header('StorageClass')],
  ['s3:x-amz-metadata-directive', header('MetadataDirective')],
  ['s3:x-amz-copy-source', header('CopySource')],
  ['s3:prefix', header('Prefix')],
  ['s3:delimiter', header('Delimiter')],
  ['s3:max-keys', { ...header('MaxKeys'), isNumber: true }],
  ['s3:versionid', header('VersionId')],
  ['s3:if-none-match', header('IfNoneMatch')],
  ['s3:if-match', header('IfMatch')],
  ['s3:object-lock-mode', header('ObjectLockMode')],
  ['s3:object-lock-legal-hold', header('ObjectLockLegalHoldStatus')],
  ['sts:externalid', header('ExternalId')],
  ['sts:sourceidentity', header('SourceIdentity')],
  ['sts:rolesessionname', header('RoleSessionName')],
]);

/** One value that a condition's operator takes for what is wanted; undefined where none can be told. */
export function valueFor(operator: string, wanted: readonly string[]): string | undefined {
  const [value] = wanted;
  if (value === undefined || value.includes('${')) return undefined;
  const plain = operator.replace(/^For(All|Any)\w+:/, '').replace(/IfExists$/, '');
  if (plain === 'Null') return undefined;
  if (plain === 'Bool') return value;
  if (plain.endsWith('Like')) return value.replaceAll('*', '').replaceAll('?', 'x') || undefined;
  if (/^Numeric(Less|Greater)Than$/.test(plain))
    return String(Number(value) + (plain.includes('Less') ? -1 : 1));
  if (plain.endsWith('IpAddress')) return value.split('/')[0];
  return value;
}
