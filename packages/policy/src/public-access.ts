import { parseArn } from './arn.ts';
import { isRecord } from './statements/conditions.ts';
import { parseRange } from './statements/operators/ip.ts';

/** A policy as S3 looks at it for Block Public Access. */
export type PolicySort = 'bucket' | 'access-point';

/**
 * Whether S3 counts a policy as public: unless every Allow reaches only fixed principals, networks, sources or access points.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
export function isPublicPolicy(document: unknown, sort: PolicySort = 'bucket'): boolean {
  if (!isRecord(document)) return false;
  const statements: unknown[] = Array.isArray(document['Statement'])
    ? document['Statement']
    : [document['Statement']];
  return statements.some((statement) => isRecord(statement) && isPublicStatement(statement, sort));
}

function isPublicStatement(statement: Record<string, unknown>, sort: PolicySort): boolean {
  if (statement['Effect'] !== 'Allow') return false;
  if (statement['NotPrincipal'] === undefined && namesFixedPrincipals(statement['Principal'])) return false;
  const { Condition: conditions } = statement;
  if (!isRecord(conditions)) return true;
  return !Object.entries(conditions).some(
    ([operator, block]) =>
      isRecord(block) && Object.entries(block).some(([key, values]) => isFixing(operator, key, values, sort)),
  );
}

function namesFixedPrincipals(principal: unknown): boolean {
  if (!isRecord(principal)) return false;
  const { AWS: aws, Service: service, CanonicalUser: canonical, ...others } = principal;
  if (Object.keys(others).length > 0) return false;
  const names = [aws, service, canonical].flat().filter((name) => name !== undefined);
  return names.every((name) => typeof name === 'string' && !/[*?]/.test(name));
}

const OPERATORS = new Set([
  'StringEquals',
  'StringEqualsIgnoreCase',
  'StringLike',
  'ArnEquals',
  'ArnLike',
  'IpAddress',
  'ForAnyValue:StringEquals',
  'ForAnyValue:StringEqualsIgnoreCase',
  'ForAnyValue:StringLike',
  'ForAnyValue:ArnEquals',
  'ForAnyValue:ArnLike',
]);

const isPlain = (value: string) => !/[*?]|\$\{/.test(value);
/** Fixed up to what stands after the organization's id. */
const isOrgPath = (value: string) => /^o-[a-z0-9]+\//.test(value) && isPlain(value.split('/')[0]!);

const FIXING_KEYS: ReadonlyMap<string, (value: string, sort: PolicySort) => boolean> = new Map([
  ['aws:sourceip', isNarrowRange],
  ['aws:principalorgid', isPlain],
  ['aws:principalorgpaths', isOrgPath],
  ['aws:principalaccount', isPlain],
  ['aws:principalarn', isPlain],
  ['aws:sourcearn', isPlain],
  ['aws:sourcevpc', isPlain],
  ['aws:sourcevpce', isPlain],
  ['aws:sourceowner', isPlain],
  ['aws:sourceaccount', isPlain],
  ['aws:sourceorgid', isPlain],
  ['aws:userid', isPlain],
  ['s3:x-amz-server-side-encryption-aws-kms-key-id', isPlain],
  ['s3:dataaccesspointaccount', isPlain],
  ['s3:dataaccesspointarn', isFixedAccessPoint],
] satisfies [string, (value: string, sort: PolicySort) => boolean][]);

function isFixing(operator: string, key: string, values: unknown, sort: PolicySort): boolean {
  const fixes = FIXING_KEYS.get(key.toLowerCase());
  const list: unknown[] = Array.isArray(values) ? values : [values];
  if (fixes === undefined || !OPERATORS.has(operator) || list.length === 0) return false;
  return list.every((value) => typeof value === 'string' && fixes(value, sort));
}

/** Broader than /8, or /32 for version 6, counts as everyone; private ranges do not. */
function isNarrowRange(value: string): boolean {
  const range = parseRange(value);
  if (range === undefined) return false;
  return range.prefix >= (range.address.length === 2 ? 8 : 32);
}

/** In a bucket policy a wildcard may stand for the access point's name, as long as the account is fixed. */
function isFixedAccessPoint(value: string, sort: PolicySort): boolean {
  if (sort === 'access-point') return false;
  const arn = parseArn(value);
  return arn !== undefined && /^\d{12}$/.test(arn.account) && !value.includes('${');
}
