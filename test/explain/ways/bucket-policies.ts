import { APP, BUCKET_ARN, DATA, HOP, OUTSIDE, SERVICE } from '../setup.ts';
import { inBucketPolicy } from './breaks.ts';
import { allBut, bucketOf, drop, recreate, wanting } from './parts.ts';
import { BY_BUCKET, DIRECT, ways, type Way } from './way.ts';

const ALLOWS_NOT = { cause: 'resource-policy-missing-allow', part: 'bucket policy', on: DIRECT } as const;

/** What the owner's policy of the bucket does not allow. */
export const BUCKET_POLICIES: readonly Way[] = [
  ...ways(ALLOWS_NOT, {
    'the bucket policy has nothing for the objects': (setup) =>
      drop(bucketOf(setup).policy!.document, 'Reports'),
    'the bucket policy names somebody else': inBucketPolicy(
      { Principal: { AWS: `arn:aws:iam::${OUTSIDE}:root` } },
      { Principal: { AWS: HOP } },
      { Principal: { AWS: `arn:aws:iam::${DATA}:root` } },
    ),
    'the bucket policy is about other keys, or the bucket itself': inBucketPolicy(
      { Resource: `${BUCKET_ARN}/archive/*` },
      { Resource: `${BUCKET_ARN}/Reports/*` },
      { Resource: `${BUCKET_ARN}/report/*` },
    ),
    'the bucket policy allows other actions': inBucketPolicy({
      Action: ['s3:PutObject', 's3:GetObjectTagging'],
    }),
    'the bucket policy has a condition that is not met': inBucketPolicy(
      { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-another0000' } } },
      { Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-open' } } },
      { Condition: { DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } } },
      { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'reports' } } },
    ),
    'the bucket policy names the bucket for its objects': inBucketPolicy({
      Action: 's3:*',
      Resource: BUCKET_ARN,
    }),
    'the bucket policy allows all but what is asked': inBucketPolicy(
      allBut('Action', 's3:*Object'),
      allBut('Resource', `${BUCKET_ARN}/reports/*`),
    ),
    'the bucket policy wants a tag of the object': inBucketPolicy(
      wanting('StringEquals', 's3:ExistingObjectTag/public', 'yes'),
    ),
    'the bucket policy has a value that does not take wildcards': inBucketPolicy(
      wanting('StringEquals', 'aws:PrincipalArn', `arn:aws:iam::${APP}:user/*`),
      wanting('StringEquals', 'aws:userid', '*'),
    ),
    'the bucket policy has a value in another case': inBucketPolicy(
      wanting('StringEquals', 'aws:PrincipalArn', SERVICE.replace('service', 'Service')),
      wanting('ArnEquals', 'aws:PrincipalArn', SERVICE.replace('service', 'Service')),
      wanting('StringEquals', 'aws:PrincipalType', 'user'),
    ),
    'the bucket policy wants a service as source': inBucketPolicy(
      wanting('StringEquals', 'aws:SourceAccount', APP),
      wanting('ArnLike', 'aws:SourceArn', `arn:aws:lambda:*:${APP}:*`),
      wanting('Bool', 'aws:PrincipalIsAWSService', 'true'),
    ),
    'the bucket policy uses the name of the caller': inBucketPolicy(
      { Resource: `${BUCKET_ARN}/\${aws:username}/*` },
      { Resource: `${BUCKET_ARN}/\${aws:PrincipalTag/team}/*` },
      { Resource: `${BUCKET_ARN}/home/\${aws:userid}/*` },
    ),
  }),
  ...ways(
    { ...ALLOWS_NOT, onPaper: true },
    {
      'the bucket policy lets another network in': inBucketPolicy({
        Condition: { IpAddress: { 'aws:SourceIp': '198.51.100.0/24' } },
      }),
    },
  ),
  ...ways(
    {
      cause: 'stale-principal',
      part: 'bucket policy',
      also: ['bucket deny', 'key policy', 'key deny'],
      on: BY_BUCKET,
    },
    {
      'the user was deleted and made again, and the bucket policy names the old one': (setup) =>
        recreate(setup),
    },
  ),
];
