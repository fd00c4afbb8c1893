import type { Statement } from '@crossbucket/policy';
import { APP, BUCKET_ARN, DATA, HOP, OBJECT_ARN, OUTSIDE } from '../setup.ts';
import { bucketOf, worker, edit, add, drop, deny, recreate } from './parts.ts';
import { DIRECT, BY_ROLE, BY_BUCKET, type Way } from './way.ts';

/** The owner's policy of the bucket. */
export const BUCKET_POLICIES: readonly Way[] = [
  {
    name: 'the bucket policy has nothing for the objects',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup) => drop(bucketOf(setup).policy!.document, 'Reports'),
  },
  {
    name: 'the bucket policy names somebody else',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(bucketOf(setup).policy!.document, 'Reports', {
        Principal: { AWS: random.pick([`arn:aws:iam::${OUTSIDE}:root`, HOP, `arn:aws:iam::${DATA}:root`]) },
      }),
  },
  {
    name: 'the bucket policy is about other keys, or the bucket itself',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(bucketOf(setup).policy!.document, 'Reports', {
        Resource: random.pick([
          `${BUCKET_ARN}/archive/*`,
          `${BUCKET_ARN}/Reports/*`,
          `${BUCKET_ARN}/report/*`,
        ]),
      }),
  },
  {
    name: 'the bucket policy allows other actions',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup) =>
      edit(bucketOf(setup).policy!.document, 'Reports', { Action: ['s3:PutObject', 's3:GetObjectTagging'] }),
  },
  {
    name: 'the bucket policy has a condition that is not met',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(bucketOf(setup).policy!.document, 'Reports', {
        Condition: random.pick<NonNullable<Statement['Condition']>>([
          { StringEquals: { 'aws:PrincipalOrgID': 'o-another0000' } },
          { StringEquals: { 'aws:SourceVpce': 'vpce-open' } },
          { DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } },
          { StringEquals: { 'aws:PrincipalTag/team': 'reports' } },
        ]),
      }),
  },
  {
    name: 'the bucket policy lets another network in',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    onPaper: true,
    breakIt: (setup) =>
      edit(bucketOf(setup).policy!.document, 'Reports', {
        Condition: { IpAddress: { 'aws:SourceIp': '198.51.100.0/24' } },
      }),
  },
  {
    name: 'the bucket policy denies the caller',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    breakIt: (setup, random) =>
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: { AWS: worker(setup).arn },
          Action: random.pick(['s3:GetObject', 's3:*', 's3:Get*', ['s3:GetObject', 's3:PutObject']]),
          Resource: random.pick([OBJECT_ARN, `${BUCKET_ARN}/*`, `${BUCKET_ARN}/reports/*`]),
        }),
      ),
  },
  {
    name: 'the bucket policy denies everybody',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    breakIt: (setup, random) =>
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: random.pick(['s3:GetObject', 's3:*Object', 's3:*']),
          Resource: random.pick([OBJECT_ARN, `${BUCKET_ARN}/*`]),
        }),
      ),
  },
  {
    name: 'the bucket policy denies all but a VPC endpoint',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    breakIt: (setup) =>
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: 's3:*',
          Resource: `${BUCKET_ARN}/*`,
          Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-open' } },
        }),
      ),
  },
  {
    name: 'the bucket policy denies all but another organization',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    breakIt: (setup) =>
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: 's3:*',
          Resource: `${BUCKET_ARN}/*`,
          Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-another0000' } },
        }),
      ),
  },
  {
    name: 'the bucket policy denies all but somebody else',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    on: DIRECT,
    breakIt: (setup) =>
      add(bucketOf(setup).policy!.document, {
        Sid: 'Broken',
        Effect: 'Deny',
        NotPrincipal: { AWS: [HOP, `arn:aws:iam::${APP}:root`] },
        Action: 's3:GetObject',
        Resource: `${BUCKET_ARN}/*`,
      }),
  },
  {
    name: 'the bucket policy denies writes that are not encrypted by a key of its own',
    cause: 'resource-policy-explicit-deny',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      setup.call.operation = 'PutObject';
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: 's3:PutObject',
          Resource: `${BUCKET_ARN}/*`,
          Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
        }),
      );
    },
  },
  {
    name: 'the whole bucket is listed, and the bucket policy lets a prefix be',
    cause: 'resource-policy-missing-allow',
    part: 'operation',
    on: DIRECT,
    breakIt: ({ call }) => {
      call.operation = 'ListObjectsV2';
      call.input = { Bucket: call.input['Bucket'] };
    },
  },
  {
    name: 'the whole bucket is listed, and the role may list a prefix',
    cause: 'identity-policy-missing-allow',
    part: 'operation',
    on: BY_ROLE,
    breakIt: ({ call }) => {
      call.operation = 'ListObjectsV2';
      call.input = { Bucket: call.input['Bucket'] };
    },
  },
  {
    name: 'the user was deleted and made again, and the bucket policy names the old one',
    cause: 'stale-principal',
    part: 'bucket policy',
    also: ['bucket deny', 'key policy', 'key deny'],
    on: BY_BUCKET,
    breakIt: (setup) => recreate(setup),
  },
];
