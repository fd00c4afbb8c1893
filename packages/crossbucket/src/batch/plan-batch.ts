import { createHash } from 'node:crypto';
import type { CreateJobCommandInput } from '@aws-sdk/client-s3-control';
import type { PolicyDocument, Statement } from '@crossbucket/policy';

export interface BatchPlace {
  bucket: string;
  /** Empty, or with a slash at its end. */
  prefix: string;
}

export interface BatchRequest {
  source: BatchPlace;
  target: BatchPlace;
  /** The account that runs the job, which owns the target. */
  account: string;
  partition: string;
  /** Account that owns the source, where it is known. */
  sourceOwner: string | undefined;
  /** A role that is there already. */
  roleArn: string | undefined;
  /** Tells this job from any other; a job with the same is not created twice. */
  token: string;
  tags: boolean;
  storageClass: string | undefined;
}

/** Everything that a copy by S3 Batch Operations takes, before anything is done. */
export interface BatchPlan {
  account: string;
  manifest: { bucket: string; key: string };
  report: { bucket: string; prefix: string };
  role: { arn: string; name: string; trust: PolicyDocument; policy: PolicyDocument } | { arn: string };
  /** What the source's bucket policy must say too, where the source may belong to another account. */
  sourceStatement: Statement | undefined;
  /** Without the ETag of the manifest, which is known once it is written. */
  job: Omit<CreateJobCommandInput, 'Manifest'>;
}

/** Batch Operations keep the whole key, and only put a folder before it. Undefined where that makes other keys than were asked for. */
export function targetFolder(source: BatchPlace, target: BatchPlace): string | undefined {
  if (!target.prefix.endsWith(source.prefix)) return undefined;
  const folder = target.prefix.slice(0, target.prefix.length - source.prefix.length);
  return folder === '' || folder.endsWith('/') ? folder.replace(/\/$/, '') : undefined;
}

/** Pure. `targetFolder` must be defined. */
export function planBatch(request: BatchRequest): BatchPlan {
  const { source, target, account, partition, sourceOwner, roleArn, token, tags, storageClass } = request;
  const folder = `.crossbucket-batch/${token}`;
  const manifest = { bucket: target.bucket, key: `${folder}/manifest.csv` };
  const report = { bucket: target.bucket, prefix: `${folder}/report` };
  const arn = (bucket: string, key?: string) =>
    `arn:${partition}:s3:::${bucket}${key === undefined ? '' : `/${key}`}`;
  const name = `crossbucket-batch-${shortHash([source.bucket, source.prefix, target.bucket, target.prefix])}`;
  const ownRole = roleArn ?? `arn:${partition}:iam::${account}:role/${name}`;
  const read = [
    's3:GetObject',
    's3:GetObjectVersion',
    ...(tags ? ['s3:GetObjectTagging', 's3:GetObjectVersionTagging'] : []),
  ];
  const sourceObjects = arn(source.bucket, `${source.prefix}*`);
  const policy: PolicyDocument = {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'ReadSource', Effect: 'Allow', Action: read, Resource: sourceObjects },
      {
        Sid: 'WriteTarget',
        Effect: 'Allow',
        Action: ['s3:PutObject', ...(tags ? ['s3:PutObjectTagging'] : [])],
        Resource: arn(target.bucket, `${target.prefix}*`),
      },
      {
        Sid: 'ReadManifest',
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:GetObjectVersion'],
        Resource: arn(manifest.bucket, manifest.key),
      },
      {
        Sid: 'WriteReport',
        Effect: 'Allow',
        Action: 's3:PutObject',
        Resource: arn(report.bucket, `${report.prefix}/*`),
      },
    ],
  };
  const trust: PolicyDocument = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'batchoperations.s3.amazonaws.com' },
        Action: 'sts:AssumeRole',
      },
    ],
  };
  return {
    account,
    manifest,
    report,
    role: roleArn === undefined ? { arn: ownRole, name, trust, policy } : { arn: roleArn },
    sourceStatement:
      sourceOwner === account
        ? undefined
        : { Effect: 'Allow', Principal: { AWS: ownRole }, Action: read, Resource: sourceObjects },
    job: {
      AccountId: account,
      ClientRequestToken: token,
      ConfirmationRequired: false,
      Description:
        `crossbucket: s3://${source.bucket}/${source.prefix} to s3://${target.bucket}/${target.prefix}`.slice(
          0,
          256,
        ),
      Priority: 10,
      RoleArn: ownRole,
      Operation: {
        S3PutObjectCopy: {
          TargetResource: arn(target.bucket),
          ...folderMember(source, target),
          ...(storageClass !== undefined && { StorageClass: storageClass as 'STANDARD' }),
          ...(!tags && { NewObjectTagging: [] }),
        },
      },
      Report: {
        Enabled: true,
        Bucket: arn(report.bucket),
        Prefix: report.prefix,
        Format: 'Report_CSV_20180820',
        ReportScope: 'FailedTasksOnly',
      },
    },
  };
}

function folderMember(source: BatchPlace, target: BatchPlace) {
  const folder = targetFolder(source, target);
  return folder ? { TargetKeyPrefix: folder } : {};
}

const shortHash = (values: readonly string[]) =>
  createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 8);

/** One line of a manifest: keys are percent-encoded in it. */
export const manifestLine = (bucket: string, key: string): string =>
  `${bucket},${key.split('/').map(encodeURIComponent).join('/')}\n`;

/** What one task copies at most; a copy beyond takes parts. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const LARGEST_TASK = 5 * 1024 ** 3;
