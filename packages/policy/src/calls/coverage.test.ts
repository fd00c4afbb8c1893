import * as iam from '@aws-sdk/client-iam';
import * as kms from '@aws-sdk/client-kms';
import * as organizations from '@aws-sdk/client-organizations';
import * as s3 from '@aws-sdk/client-s3';
import * as sts from '@aws-sdk/client-sts';
import { NormalizedSchema } from '@smithy/core/schema';
import { expect, test } from 'vitest';
import { findKey, isKey } from '../check/condition-rules.ts';
import { globOfArn, overlaps } from '../glob-sets.ts';
import { type AccessRequest, type ApiCall, authorizationsFor, findAction } from '../index.ts';
import { hasRow } from './authorizations-for.ts';

const CLIENTS = { s3, sts, iam, kms };
const key = 'arn:aws:kms:eu-west-1:111111111111:key/0000';

/** A call of an operation in which every member of the input has a value, so that every condition of the table holds. */
interface Sample {
  service: string;
  operation: string;
  call: ApiCall;
}

/** Values that mean something, by the member's name. */
const VALUES: Record<string, string> = {
  Bucket: 'bucket',
  CopySource: 'source/key?versionId=v',
  ServerSideEncryption: 'aws:kms',
  SSEKMSKeyId: key,
  KMSKeyArn: key,
  ObjectAttributes: 'Checksum',
  ChecksumMode: 'ENABLED',
  RoleArn: 'arn:aws:iam::111111111111:role/r',
  Role: 'arn:aws:iam::111111111111:role/r',
  TargetPrincipal: '111111111111',
  PolicyArn: 'arn:aws:iam::111111111111:policy/p',
  TemplateArn: 'arn:aws:iam::aws:role-template/ec2.amazonaws.com/T:1',
  EntityArn: 'arn:aws:iam::111111111111:delegation-request/d',
  PolicySourceArn: 'arn:aws:iam::111111111111:role/r',
  Arn: 'arn:aws:iam::111111111111:role/r',
  OpenIDConnectProviderArn: 'arn:aws:iam::111111111111:oidc-provider/example.com',
  SAMLProviderArn: 'arn:aws:iam::111111111111:saml-provider/s',
  SerialNumber: 'arn:aws:iam::111111111111:mfa/m',
  DeletionTaskId: 'task/aws-service-role/s3.amazonaws.com/Role/0000',
  Path: '/',
  PathPrefix: '/',
  AliasName: 'alias/a',
  KeyId: key,
  TargetKeyId: key,
  Url: 'https://example.com',
};

function sample(schema: NormalizedSchema, name: string, depth: number): unknown {
  if (schema.isStructSchema()) {
    if (depth > 5) return {};
    return Object.fromEntries(
      Array.from(schema.structIterator(), ([member, value]) => [member, sample(value, member, depth + 1)]),
    );
  }
  if (schema.isListSchema()) return [sample(schema.getValueSchema(), name, depth + 1)];
  if (schema.isMapSchema()) return { name: sample(schema.getValueSchema(), name, depth + 1) };
  if (schema.isBooleanSchema()) return true;
  if (schema.isNumericSchema()) return 1;
  if (schema.isTimestampSchema()) return new Date(0);
  return VALUES[name] ?? 'x';
}

const SAMPLES: Sample[] = Object.entries(CLIENTS).flatMap(([service, client]) =>
  Object.values(client).flatMap((exported): Sample | Sample[] => {
    if (!Array.isArray(exported) || exported[0] !== 9) return [];
    const operation = String(exported[2]);
    const input = sample(NormalizedSchema.of(exported[4] as never), '', 0) as ApiCall['input'];
    const call: ApiCall = {
      service,
      operation,
      input,
      principal: 'arn:aws:iam::111111111111:user/alice',
      context: { 'aws:TagKeys': ['k'], 'sts:SourceIdentity': 'alice' },
      object: { kmsKey: key, tags: { a: 'b' } },
      copySource: { kmsKey: key, tags: { a: 'b' } },
    };
    return { service, operation, call };
  }),
);

const title = ({ service, operation }: Sample) => `${service}:${operation}`;

/** Operations that are left to the rule for all that have no row, and why. */
const WITHOUT_ROW: Record<string, string> = {
  'sts:GetScopedCredentials': 'new; the Service Authorization Reference does not have it yet',
};

test('every operation of S3, STS, IAM and KMS has a row', () => {
  expect(SAMPLES.length).toBeGreaterThan(340);
  const without = SAMPLES.filter(({ call }) => !hasRow(call)).map(title);
  expect(without.toSorted()).toEqual(Object.keys(WITHOUT_ROW).toSorted());
});

/** Actions that the catalog does not have: those of services that it leaves out, and those that are too new. */
const UNKNOWN_ACTIONS = [
  /^s3express:/,
  /^s3-object-lambda:/,
  /^s3tables:/,
  /^iam:(AcquireRole|UpdateDelegationRequest)$/,
  /^kms:(Encapsulate|Decapsulate)$/,
  /^sts:GetScopedCredentials$/,
];

const REQUESTS: [string, AccessRequest][] = SAMPLES.flatMap((one) =>
  authorizationsFor(one.call).map((request): [string, AccessRequest] => [title(one), request]),
);

const KNOWN = REQUESTS.filter(([, { action }]) => !UNKNOWN_ACTIONS.some((pattern) => pattern.test(action)));

test('every action that a call needs is one that AWS has', () => {
  const unknown = KNOWN.filter(([, { action }]) => !findAction(action)).map(
    ([name, { action }]) => `${name}: ${action}`,
  );
  expect(unknown).toEqual([]);
  const exact = KNOWN.filter(([, { action }]) => findAction(action)?.name !== action).map(
    ([, { action }]) => action,
  );
  expect(exact, 'and is spelt as AWS spells it').toEqual([]);
});

/** Where the table asks on more than the reference says, or on something that it does not say. */
const OTHER_RESOURCES = [
  // IAM's denials name the path that is listed.
  /^iam:List(Users|Roles|Groups|Policies|InstanceProfiles|ServerCertificates)$/,
  // Policies name all buckets as `arn:aws:s3:::*` too.
  /^s3:ListAllMyBuckets$/,
  // A federated user's session is tagged like a role's.
  /^sts:TagSession$/,
  // A key that is being made has no ARN yet.
  /^kms:TagResource$/,
  // "The authorized resource in ListRetirableGrants calls is the retiring principal", says the SDK.
  /^kms:ListRetirableGrants$/,
];

test('every action is asked on a resource of a type that it acts on', () => {
  const wrong = KNOWN.filter(([, { action, resource }]) => {
    const types = findAction(action)?.resources ?? [];
    if (OTHER_RESOURCES.some((pattern) => pattern.test(action))) return false;
    if (types.length === 0) return resource !== '*';
    return !types.some(({ arn }) => overlaps(globOfArn(arn), [...resource]));
  }).map(([name, { action, resource }]) => `${name}: ${action} on ${resource}`);
  expect(wrong).toEqual([]);
});

/** Keys that requests have beside those of the reference. */
const OTHER_KEYS = [/^kms:(CallerAccount|ViaService|EncryptionAlgorithm)$/, /^s3:x-amz-(storage-class)$/];

test('every condition key is one that the action knows', () => {
  const wrong = KNOWN.flatMap(([name, { action, context }]) => {
    const known = findAction(action)?.keys ?? [];
    return Object.keys(context ?? {})
      .filter((key) => !key.startsWith('aws:') && key !== 'sts:SourceIdentity')
      .filter((key) => !OTHER_KEYS.some((pattern) => pattern.test(key)))
      .filter((key) => !known.some((info) => isKey(info, key.toLowerCase())))
      .map((key) => `${name}: ${action} with ${key}`);
  });
  expect(wrong).toEqual([]);
  const spelt = KNOWN.flatMap(([, { context }]) => Object.keys(context ?? {})).filter((key) => !findKey(key));
  expect([...new Set(spelt)]).toEqual([]);
});

test('every operation of Organizations has its row', () => {
  const operations = Object.values(organizations).flatMap((exported: unknown) =>
    Array.isArray(exported) && exported[0] === 9 ? [String(exported[2])] : [],
  );
  expect(operations.length).toBeGreaterThan(50);
  for (const operation of operations)
    expect(hasRow({ service: 'organizations', operation, input: {}, principal: '*' }), operation).toBe(true);
});
