import type { PolicyDocument } from '@crossbucket/policy';
import { PREFIX } from './files.ts';

/** The accounts of the demo. */
export const APP = '111111111111';
export const DATA = '222222222222';
export const OUTSIDER = '333333333333';

export const BUCKET = 'acme-reports';
export const USER = 'report-service';
export const ROLE = 'reports-reader';
export const EXTERNAL_ID = 'acme-7f3a';

export const USER_ARN = `arn:aws:iam::${APP}:user/${USER}`;
export const ROLE_ARN = `arn:aws:iam::${DATA}:role/${ROLE}`;

const BUCKET_ARN = `arn:aws:s3:::${BUCKET}`;

/** Reading what is under the prefix, and listing it. */
const readStatements = (sid: string): PolicyDocument['Statement'] => [
  { Sid: `${sid}List`, Effect: 'Allow', Action: 's3:ListBucket', Resource: BUCKET_ARN },
  { Sid: `${sid}Read`, Effect: 'Allow', Action: 's3:GetObject', Resource: `${BUCKET_ARN}/${PREFIX}*` },
];

/** Allows in a policy of a principal. */
export const readPolicy: PolicyDocument = { Version: '2012-10-17', Statement: readStatements('Reports') };

/** Allows the source's user by the bucket's own policy. */
export const bucketPolicy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [readStatements('ReportService')]
    .flat()
    .map((statement) => ({ ...statement, Principal: { AWS: USER_ARN } })),
};

/** Lets the source's user assume the role, if it knows the external id. */
export const trustPolicy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'ReportServiceMayAssume',
      Effect: 'Allow',
      Principal: { AWS: USER_ARN },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } },
    },
  ],
};

/** The source's side of the role: its own permission to assume it. */
export const assumePolicy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'AssumeReportsReader', Effect: 'Allow', Action: 'sts:AssumeRole', Resource: ROLE_ARN }],
};
