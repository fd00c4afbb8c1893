import type { Statement } from '@crossbucket/policy';
import { APP, BUCKET_ARN, DATA, HOP, OBJECT_ARN, OUTSIDE, BUCKET, KEY, SERVICE } from '../setup.ts';
import {
  bucketOf,
  worker,
  edit,
  add,
  drop,
  deny,
  recreate,
  allBut,
  denyAllBut,
  wanting,
  write,
  list,
  own,
  service,
  keyOf,
  allowMore,
} from './parts.ts';
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
  {
    name: 'the bucket policy names the bucket for its objects',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup) =>
      edit(bucketOf(setup).policy!.document, 'Reports', { Action: 's3:*', Resource: BUCKET_ARN }),
  },
  {
    name: 'the bucket policy allows all but what is asked',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(
        bucketOf(setup).policy!.document,
        'Reports',
        random.pick([allBut('Action', 's3:*Object'), allBut('Resource', `${BUCKET_ARN}/reports/*`)]),
      ),
  },
  {
    name: 'the bucket policy wants a tag of the object',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(
        bucketOf(setup).policy!.document,
        'Reports',
        random.pick([wanting('StringEquals', 's3:ExistingObjectTag/public', 'yes')]),
      ),
  },
  {
    name: 'the bucket policy has a value that does not take wildcards',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(
        bucketOf(setup).policy!.document,
        'Reports',
        random.pick([
          wanting('StringEquals', 'aws:PrincipalArn', `arn:aws:iam::${APP}:user/*`),
          wanting('StringEquals', 'aws:userid', '*'),
        ]),
      ),
  },
  {
    name: 'the bucket policy has a value in another case',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(
        bucketOf(setup).policy!.document,
        'Reports',
        random.pick([
          wanting('StringEquals', 'aws:PrincipalArn', SERVICE.replace('service', 'Service')),
          wanting('ArnEquals', 'aws:PrincipalArn', SERVICE.replace('service', 'Service')),
          wanting('StringEquals', 'aws:PrincipalType', 'user'),
        ]),
      ),
  },
  {
    name: 'the bucket policy wants a service as source',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(
        bucketOf(setup).policy!.document,
        'Reports',
        random.pick([
          wanting('StringEquals', 'aws:SourceAccount', APP),
          wanting('ArnLike', 'aws:SourceArn', `arn:aws:lambda:*:${APP}:*`),
          wanting('Bool', 'aws:PrincipalIsAWSService', 'true'),
        ]),
      ),
  },
  {
    name: 'the bucket policy uses the name of the caller',
    cause: 'resource-policy-missing-allow',
    part: 'bucket policy',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(bucketOf(setup).policy!.document, 'Reports', {
        Resource: `${BUCKET_ARN}/${random.pick(['${aws:username}/*', '${aws:PrincipalTag/team}/*', 'home/${aws:userid}/*'])}`,
      }),
  },
  {
    name: 'the bucket policy denies all but other actions',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    breakIt: (setup) =>
      add(
        bucketOf(setup).policy!.document,
        denyAllBut('Action', ['s3:ListBucket', 's3:PutObject'], {
          Principal: { AWS: worker(setup).arn },
          Resource: [BUCKET_ARN, `${BUCKET_ARN}/*`],
        }),
      ),
  },
  {
    name: 'the bucket policy denies all but other objects',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    breakIt: (setup) =>
      add(
        bucketOf(setup).policy!.document,
        denyAllBut('Resource', [`${BUCKET_ARN}/archive/*`, BUCKET_ARN], { Principal: '*', Action: 's3:*' }),
      ),
  },
  {
    name: 'the bucket policy denies whom it does not know',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    breakIt: (setup, random) =>
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: 's3:*',
          Resource: `${BUCKET_ARN}/*`,
          Condition: random.pick<NonNullable<Statement['Condition']>>([
            { StringNotEquals: { 'aws:PrincipalTag/team': 'reports' } },
            { Null: { 'aws:PrincipalTag/team': 'true' } },
            { StringNotLike: { 'aws:userId': ['AROAADMIN:*', '999999999999'] } },
            {
              ArnNotLike: {
                'aws:PrincipalArn': ['arn:aws:iam::*:role/admin', `arn:aws:iam::${DATA}:role/ops-*`],
              },
            },
            { 'ForAllValues:StringNotLike': { 'aws:PrincipalOrgPaths': ['o-another0000/*'] } },
          ]),
        }),
      ),
  },
  {
    name: 'the bucket policy denies calls from other networks',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    onPaper: true,
    breakIt: (setup, random) =>
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: 's3:*',
          Resource: `${BUCKET_ARN}/*`,
          Condition: random.pick<NonNullable<Statement['Condition']>>([
            { NotIpAddress: { 'aws:SourceIp': ['198.51.100.0/24'] } },
            { StringNotEquals: { 'aws:SourceVpc': 'vpc-2' } },
            {
              NotIpAddress: { 'aws:SourceIp': '198.51.100.0/24' },
              StringNotEquals: { 'aws:SourceVpce': ['vpce-0', 'vpce-9'] },
            },
          ]),
        }),
      ),
  },
  {
    name: 'the bucket policy denies calls without a second factor',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    onPaper: true,
    breakIt: (setup, random) =>
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: 's3:*',
          Resource: `${BUCKET_ARN}/*`,
          Condition: random.pick<NonNullable<Statement['Condition']>>([
            { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
            { NumericGreaterThanIfExists: { 'aws:MultiFactorAuthAge': '1' } },
          ]),
        }),
      ),
  },
  {
    name: 'the bucket policy denies calls that come by no access point',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    on: ['bucket-policy', 'role', 'chain'],
    breakIt: (setup, random) =>
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: 's3:*',
          Resource: `${BUCKET_ARN}/*`,
          Condition: random.pick<NonNullable<Statement['Condition']>>([
            { StringNotEquals: { 's3:DataAccessPointAccount': DATA } },
            { Null: { 's3:DataAccessPointArn': 'true' } },
          ]),
        }),
      ),
  },
  {
    name: 'the bucket policy denies what is tagged secret',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    breakIt: (setup) => {
      setup.tags = { classification: 'secret' };
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Resource: `${BUCKET_ARN}/*`,
          Condition: { StringEquals: { 's3:ExistingObjectTag/classification': 'secret' } },
        }),
      );
    },
  },
  {
    name: 'the bucket policy denies reads that are not presigned',
    cause: 'resource-policy-explicit-deny',
    part: 'bucket deny',
    breakIt: (setup, random) =>
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: 's3:*',
          Resource: `${BUCKET_ARN}/*`,
          Condition: random.pick<NonNullable<Statement['Condition']>>([
            { StringNotEquals: { 's3:authType': 'REST-QUERY-STRING' } },
          ]),
        }),
      ),
  },
  {
    name: 'the bucket policy denies writes without a key of its own',
    cause: 'resource-policy-explicit-deny',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup, random) => {
      write(setup, random.pick([{}, { ServerSideEncryption: 'AES256' }]));
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: 's3:PutObject',
          Resource: `${BUCKET_ARN}/*`,
          Condition: {
            StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': keyOf(setup).arn },
          },
        }),
      );
    },
  },
  {
    name: 'the bucket policy denies writes that name no encryption',
    cause: 'resource-policy-explicit-deny',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      write(setup);
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: 's3:PutObject',
          Resource: `${BUCKET_ARN}/*`,
          Condition: { Null: { 's3:x-amz-server-side-encryption': 'true' } },
        }),
      );
    },
  },
  {
    name: 'the bucket policy denies writes of other storage classes',
    cause: 'resource-policy-explicit-deny',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      write(setup);
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: 's3:PutObject',
          Resource: `${BUCKET_ARN}/*`,
          Condition: { StringNotEquals: { 's3:x-amz-storage-class': 'STANDARD_IA' } },
        }),
      );
    },
  },
  {
    name: 'the bucket policy wants the owner to have full control of what is written',
    cause: 'resource-policy-missing-allow',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      write(setup);
      edit(
        bucketOf(setup).policy!.document,
        'Reports',
        wanting('StringEquals', 's3:x-amz-acl', 'bucket-owner-full-control'),
      );
    },
  },
  {
    name: 'a write is tagged, and the bucket policy does not let it be',
    cause: 'resource-policy-missing-allow',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      write(setup, { Tagging: 'team=reports' });
      edit(own(service(setup)), 'Objects', { Action: ['s3:PutObject', 's3:PutObjectTagging'] });
    },
  },
  {
    name: 'a prefix is listed without its slash',
    cause: 'resource-policy-missing-allow',
    part: 'operation',
    on: ['bucket-policy'],
    breakIt: (setup) => list(setup, { Prefix: 'reports' }),
  },
  {
    name: 'more is listed at a time than the bucket policy lets',
    cause: 'resource-policy-missing-allow',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      list(setup, { Prefix: 'reports/' });
      edit(
        bucketOf(setup).policy!.document,
        'ListReports',
        wanting('NumericLessThanEquals', 's3:max-keys', '10'),
      );
    },
  },
  {
    name: 'all is listed at once, and the bucket policy wants it by folder',
    cause: 'resource-policy-missing-allow',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      list(setup, { Prefix: 'reports/' });
      edit(bucketOf(setup).policy!.document, 'ListReports', wanting('StringEquals', 's3:delimiter', '/'));
    },
  },
  {
    name: 'the bucket policy lets the objects be listed, and not the bucket',
    cause: 'resource-policy-missing-allow',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      list(setup, { Prefix: 'reports/' });
      edit(bucketOf(setup).policy!.document, 'ListReports', {
        Resource: `${BUCKET_ARN}/*`,
        Action: 's3:*',
      });
    },
  },
  {
    name: 'the bucket policy lets another prefix be listed',
    cause: 'resource-policy-missing-allow',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup, random) => {
      list(setup, { Prefix: 'reports/' });
      edit(
        bucketOf(setup).policy!.document,
        'ListReports',
        random.pick([
          wanting('StringLike', 's3:prefix', 'archive/*'),
          wanting('StringLike', 's3:prefix', 'Reports/*'),
          wanting('StringEquals', 's3:prefix', 'reports'),
        ]),
      );
    },
  },
  {
    name: 'a version is read, and the bucket policy lets the current object be',
    cause: 'resource-policy-missing-allow',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      setup.call.input = { ...setup.call.input, VersionId: 'the-version' };
      edit(own(service(setup)), 'Objects', { Action: ['s3:GetObject', 's3:GetObjectVersion'] });
    },
  },
  {
    name: 'an object is deleted, and the bucket policy lets versions be',
    cause: 'resource-policy-missing-allow',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      setup.call.operation = 'DeleteObject';
      setup.call.input = { ...setup.call.input, Key: 'reports/old.csv' };
      edit(own(service(setup)), 'Objects', { Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'] });
    },
  },
  {
    name: 'a HEAD is denied, which says nothing of why',
    cause: 'resource-policy-missing-allow',
    part: 'operation',
    on: DIRECT,
    breakIt: (setup) => {
      setup.call.operation = 'HeadObject';
      edit(bucketOf(setup).policy!.document, 'Reports', { Action: 's3:PutObject' });
    },
  },
  {
    name: 'the source of a copy is denied',
    cause: 'resource-policy-explicit-deny',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      setup.call.operation = 'CopyObject';
      setup.call.input = { Bucket: BUCKET, Key: 'reports/copy.csv', CopySource: `${BUCKET}/${KEY}` };
      allowMore(setup, 's3:GetObjectTagging', 's3:PutObjectTagging');
      add(bucketOf(setup).policy!.document, deny({ Principal: { AWS: SERVICE }, Resource: OBJECT_ARN }));
    },
  },
  {
    name: 'the destination of a copy is not allowed',
    cause: 'resource-policy-missing-allow',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      setup.call.operation = 'CopyObject';
      setup.call.input = { Bucket: BUCKET, Key: 'reports/copy.csv', CopySource: `${BUCKET}/${KEY}` };
      allowMore(setup, 's3:GetObjectTagging', 's3:PutObjectTagging');
      edit(bucketOf(setup).policy!.document, 'Reports', {
        Action: ['s3:GetObject', 's3:GetObjectTagging', 's3:PutObjectTagging'],
      });
    },
  },
];
