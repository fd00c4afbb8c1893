import {
  CloudTrailClient,
  CreateTrailCommand,
  StartLoggingCommand,
  PutEventSelectorsCommand,
} from '@aws-sdk/client-cloudtrail';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '../../packages/sandbox/dist/index.js';
import { Trail } from '../../packages/sandbox/dist/trail/trail.js';

/** A sandbox with an object to read, that records nothing, records, or delivers each read in a trail as well. */
export type Mode = 'nothing' | 'records' | 'trail';

export async function startTrailed(mode: Mode): Promise<Sandbox> {
  if (mode === 'nothing') Trail.prototype.record = () => {};
  const aws = await startSandbox();
  const account = aws.accounts[0]!;
  const settings = { region: 'us-east-1', endpoint: aws.endpoint, credentials: account.root };
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'bench' }));
  await s3.send(new PutObjectCommand({ Bucket: 'bench', Key: 'object', Body: 'y'.repeat(4096) }));
  if (mode === 'trail') await logReads(s3, new CloudTrailClient(settings));
  s3.destroy();
  return aws;
}

async function logReads(s3: S3Client, cloudtrail: CloudTrailClient): Promise<void> {
  const Bucket = 'bench-logs';
  const service = { Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } };
  const Statement = [
    { ...service, Action: 's3:GetBucketAcl', Resource: `arn:aws:s3:::${Bucket}` },
    { ...service, Action: 's3:PutObject', Resource: `arn:aws:s3:::${Bucket}/*` },
  ];
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(
    new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
  );
  await cloudtrail.send(new CreateTrailCommand({ Name: 'bench', S3BucketName: Bucket }));
  const DataResources = [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::bench/'] }];
  await cloudtrail.send(
    new PutEventSelectorsCommand({
      TrailName: 'bench',
      EventSelectors: [{ ReadWriteType: 'All', DataResources }],
    }),
  );
  await cloudtrail.send(new StartLoggingCommand({ Name: 'bench' }));
  cloudtrail.destroy();
}

if (import.meta.filename === process.argv[1]) {
  const { endpoint, accounts } = await startTrailed(process.argv[2] as Mode);
  process.stdout.write(`${JSON.stringify({ endpoint, ...accounts[0]!.root })}\n`);
  process.once('SIGTERM', () => process.exit());
}
