import { APP, BUCKET_ARN, OUTSIDE, BUCKET, KEY } from '../setup.ts';
import {
  data,
  bucketOf,
  service,
  own,
  edit,
  add,
  lock,
  publicStatement,
  write,
  list,
  allowMore,
} from './parts.ts';
import { BY_BUCKET, type Way } from './way.ts';

/** Settings of the bucket. */
export const BUCKET_SETTINGS: readonly Way[] = [
  {
    name: 'the policy has become public, and Block Public Access of the bucket shuts others out',
    cause: 'public-access-block',
    part: 'public',
    on: BY_BUCKET,
    breakIt: (setup) => add(bucketOf(setup).policy!.document, publicStatement()),
  },
  {
    name: 'the policy has become public, and Block Public Access of the account shuts others out',
    cause: 'public-access-block',
    part: 'public',
    on: BY_BUCKET,
    breakIt: (setup) => {
      add(bucketOf(setup).policy!.document, publicStatement());
      bucketOf(setup).publicAccessBlock = {
        BlockPublicAcls: false,
        IgnorePublicAcls: false,
        BlockPublicPolicy: false,
        RestrictPublicBuckets: false,
      };
      data(setup).publicAccessBlock = {
        BlockPublicAcls: false,
        IgnorePublicAcls: false,
        BlockPublicPolicy: false,
        RestrictPublicBuckets: true,
      };
    },
  },
  {
    name: 'the object belongs to another account that wrote it',
    cause: 'object-ownership',
    part: 'ownership',
    on: BY_BUCKET,
    breakIt: (setup) => {
      bucketOf(setup).ownership = 'ObjectWriter';
      add(bucketOf(setup).policy!.document, {
        Sid: 'Writers',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${OUTSIDE}:root` },
        Action: 's3:PutObject',
        Resource: `${BUCKET_ARN}/foreign/*`,
      });
      edit(bucketOf(setup).policy!.document, 'Reports', {
        Resource: [`${BUCKET_ARN}/reports/*`, `${BUCKET_ARN}/foreign/*`],
      });
      edit(own(service(setup)), 'Objects', {
        Resource: [`${BUCKET_ARN}/reports/*`, `${BUCKET_ARN}/foreign/*`],
      });
      delete (bucketOf(setup) as { encryption?: unknown }).encryption;
      setup.foreign = ['foreign/theirs.csv'];
      setup.call.input = { ...setup.call.input, Key: 'foreign/theirs.csv' };
    },
  },
  {
    name: 'a write sets an ACL where ACLs are disabled',
    cause: 'acl-not-supported',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup, random) => {
      setup.call.operation = 'PutObject';
      setup.call.input = {
        ...setup.call.input,
        ACL: random.pick(['private', 'authenticated-read', 'bucket-owner-read']),
      };
      for (const document of [own(service(setup)), bucketOf(setup).policy!.document])
        edit(document, document === own(service(setup)) ? 'Objects' : 'Reports', (statement) => ({
          ...statement,
          Action: [...(statement.Action as string[]), 's3:PutObjectAcl'],
        }));
    },
  },
  {
    name: 'the requester is to pay, and does not say that it will',
    cause: 'requester-pays',
    part: 'payment',
    on: BY_BUCKET,
    breakIt: (setup) => {
      bucketOf(setup).requesterPays = true;
    },
  },
  {
    name: 'the call expects another owner of the bucket',
    cause: 'expected-owner-mismatch',
    part: 'owner',
    on: ['bucket-policy', 'role', 'chain'],
    breakIt: ({ call }, random) => {
      call.input = { ...call.input, ExpectedBucketOwner: random.pick([OUTSIDE, APP]) };
    },
  },
  {
    name: 'the version is retained in compliance mode',
    cause: 'object-lock',
    part: 'operation',
    on: BY_BUCKET,
    unfixable: true,
    breakIt: (setup) => lock(setup, { mode: 'COMPLIANCE', until: '2027-01-01T00:00:00.000Z' }),
  },
  {
    name: 'the version is retained in governance mode',
    cause: 'object-lock',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      lock(setup, { mode: 'GOVERNANCE', until: '2027-01-01T00:00:00.000Z' });
      for (const [document, sid] of [
        [own(service(setup)), 'Objects'],
        [bucketOf(setup).policy!.document, 'Reports'],
      ] as const)
        edit(document, sid, (statement) => ({
          ...statement,
          Action: [...(statement.Action as string[]), 's3:BypassGovernanceRetention'],
        }));
    },
  },
  {
    name: 'a legal hold is on the version',
    cause: 'object-lock',
    part: 'operation',
    on: BY_BUCKET,
    unfixable: true,
    breakIt: (setup) => lock(setup, { legalHold: true }),
  },
  {
    name: 'a write by header grants others, where ACLs are disabled',
    cause: 'acl-not-supported',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      write(setup, { GrantRead: 'uri=http://acs.amazonaws.com/groups/global/AuthenticatedUsers' });
      allowMore(setup, 's3:PutObjectAcl');
    },
  },
  {
    name: 'a write would make the object public',
    cause: 'public-access-block',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      bucketOf(setup).ownership = 'ObjectWriter';
      write(setup, { ACL: 'public-read' });
      allowMore(setup, 's3:PutObjectAcl');
    },
  },
  {
    name: 'the requester is to pay for a listing',
    cause: 'requester-pays',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      bucketOf(setup).requesterPays = true;
      list(setup, { Prefix: 'reports/' });
    },
  },
  {
    name: 'a copy expects another owner of its source',
    cause: 'expected-owner-mismatch',
    part: 'operation',
    on: BY_BUCKET,
    breakIt: (setup) => {
      setup.call.operation = 'CopyObject';
      setup.call.input = {
        Bucket: BUCKET,
        Key: 'reports/copy.csv',
        CopySource: `${BUCKET}/${KEY}`,
        ExpectedSourceBucketOwner: OUTSIDE,
      };
      allowMore(setup, 's3:GetObjectTagging', 's3:PutObjectTagging');
    },
  },
];
