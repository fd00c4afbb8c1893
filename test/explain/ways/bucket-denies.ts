import { APP, BUCKET_ARN, DATA, HOP, OBJECT_ARN } from '../setup.ts';
import { bucketDenies, bucketDeniesIf } from './breaks.ts';
import { add, bucketOf, deny, denyAllBut, worker } from './parts.ts';
import { BY_NO_POINT, DIRECT, ways, type Way } from './way.ts';

const DENIES = { cause: 'resource-policy-explicit-deny', part: 'bucket deny' } as const;

/** What the owner's policy of the bucket denies. */
export const BUCKET_DENIES: readonly Way[] = [
  ...ways(DENIES, {
    'the bucket policy denies the caller': (setup, random) =>
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: { AWS: worker(setup).arn },
          Action: random.pick(['s3:GetObject', 's3:*', 's3:Get*', ['s3:GetObject', 's3:PutObject']]),
          Resource: random.pick([OBJECT_ARN, `${BUCKET_ARN}/*`, `${BUCKET_ARN}/reports/*`]),
        }),
      ),
    'the bucket policy denies everybody': (setup, random) =>
      add(
        bucketOf(setup).policy!.document,
        deny({
          Principal: '*',
          Action: random.pick(['s3:GetObject', 's3:*Object', 's3:*']),
          Resource: random.pick([OBJECT_ARN, `${BUCKET_ARN}/*`]),
        }),
      ),
    'the bucket policy denies all but a VPC endpoint': bucketDeniesIf({
      StringNotEquals: { 'aws:SourceVpce': 'vpce-open' },
    }),
    'the bucket policy denies all but another organization': bucketDeniesIf({
      StringNotEquals: { 'aws:PrincipalOrgID': 'o-another0000' },
    }),
    'the bucket policy denies all but other actions': (setup) =>
      add(
        bucketOf(setup).policy!.document,
        denyAllBut('Action', ['s3:ListBucket', 's3:PutObject'], {
          Principal: { AWS: worker(setup).arn },
          Resource: [BUCKET_ARN, `${BUCKET_ARN}/*`],
        }),
      ),
    'the bucket policy denies all but other objects': (setup) =>
      add(
        bucketOf(setup).policy!.document,
        denyAllBut('Resource', [`${BUCKET_ARN}/archive/*`, BUCKET_ARN], { Principal: '*', Action: 's3:*' }),
      ),
    'the bucket policy denies whom it does not know': bucketDeniesIf(
      { StringNotEquals: { 'aws:PrincipalTag/team': 'reports' } },
      { Null: { 'aws:PrincipalTag/team': 'true' } },
      { StringNotLike: { 'aws:userId': ['AROAADMIN:*', '999999999999'] } },
      {
        ArnNotLike: { 'aws:PrincipalArn': ['arn:aws:iam::*:role/admin', `arn:aws:iam::${DATA}:role/ops-*`] },
      },
      { 'ForAllValues:StringNotLike': { 'aws:PrincipalOrgPaths': ['o-another0000/*'] } },
    ),
    'the bucket policy denies what is tagged secret': (setup, random) => {
      setup.tags = { classification: 'secret' };
      bucketDenies({
        Action: 's3:GetObject',
        Condition: { StringEquals: { 's3:ExistingObjectTag/classification': 'secret' } },
      })(setup, random);
    },
    'the bucket policy denies reads that are not presigned': bucketDeniesIf({
      StringNotEquals: { 's3:authType': 'REST-QUERY-STRING' },
    }),
  }),
  ...ways(
    { ...DENIES, onPaper: true },
    {
      'the bucket policy denies calls from other networks': bucketDeniesIf(
        { NotIpAddress: { 'aws:SourceIp': ['198.51.100.0/24'] } },
        { StringNotEquals: { 'aws:SourceVpc': 'vpc-2' } },
        {
          NotIpAddress: { 'aws:SourceIp': '198.51.100.0/24' },
          StringNotEquals: { 'aws:SourceVpce': ['vpce-0', 'vpce-9'] },
        },
      ),
      'the bucket policy denies calls without a second factor': bucketDeniesIf(
        { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
        { NumericGreaterThanIfExists: { 'aws:MultiFactorAuthAge': '1' } },
      ),
    },
  ),
  ...ways(
    { ...DENIES, on: BY_NO_POINT },
    {
      'the bucket policy denies calls that come by no access point': bucketDeniesIf(
        { StringNotEquals: { 's3:DataAccessPointAccount': DATA } },
        { Null: { 's3:DataAccessPointArn': 'true' } },
      ),
    },
  ),
  ...ways(
    { ...DENIES, on: DIRECT },
    {
      'the bucket policy denies all but somebody else': (setup) =>
        add(bucketOf(setup).policy!.document, {
          Sid: 'Broken',
          Effect: 'Deny',
          NotPrincipal: { AWS: [HOP, `arn:aws:iam::${APP}:root`] },
          Action: 's3:GetObject',
          Resource: `${BUCKET_ARN}/*`,
        }),
    },
  ),
];
