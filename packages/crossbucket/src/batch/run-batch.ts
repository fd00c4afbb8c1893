import { setTimeout as sleep } from 'node:timers/promises';
import type { CreateJobCommandInput } from '@aws-sdk/client-s3-control';
import type { Bucket } from '@crossbucket/access';
import type { AccountConnection } from '../accounts/index.ts';
import { BatchError } from './batch-error.ts';
import { LARGEST_TASK, manifestLine, type BatchPlan, type BatchPlace } from './plan-batch.ts';

/** What goes into a manifest, and what does not. */
export interface ManifestCount {
  objects: number;
  bytes: number;
  /** Keys of objects that are too large for one task; the first of them. */
  tooLarge: string[];
}

const FIRST_KEYS = 1000;

/** The lines of the manifest, as the listing comes; what it counts is complete at its end. */
export async function* manifestLines(
  bucket: Bucket,
  { prefix }: BatchPlace,
  takes: (name: string) => boolean,
  count: ManifestCount,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let text = '';
  for await (const { key, size } of bucket.list({ prefix, signal })) {
    if (!takes(key.slice(prefix.length))) continue;
    if (size > LARGEST_TASK) {
      if (count.tooLarge.length < FIRST_KEYS) count.tooLarge.push(key);
      continue;
    }
    count.objects++;
    count.bytes += size;
    text += manifestLine(bucket.name, key);
    if (text.length > 65_536) {
      yield Buffer.from(text);
      text = '';
    }
  }
  yield Buffer.from(text);
}

/** Makes the role of the plan, or brings the one that an earlier job has made up to date. */
export async function ensureRole({ role }: BatchPlan, { clients, region }: AccountConnection): Promise<void> {
  if (!('name' in role)) return;
  const { CreateRoleCommand, PutRolePolicyCommand } = await import('@aws-sdk/client-iam');
  const iam = await clients.iam(region);
  const RoleName = role.name;
  const AssumeRolePolicyDocument = JSON.stringify(role.trust);
  const Description = 'crossbucket cp --engine batch';
  await iam
    .send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Description }))
    .catch((error: Error) => {
      if (error.name !== 'EntityAlreadyExistsException' && error.name !== 'EntityAlreadyExists') throw error;
    });
  const PolicyDocument = JSON.stringify(role.policy);
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'crossbucket-batch', PolicyDocument }));
}

/** How often a role that was just made may be unknown yet. */
const TRIES = 8;

/** Returns the id of the job. */
export async function createJob(
  plan: BatchPlan,
  etag: string,
  { clients, partition }: AccountConnection,
  region: string,
  pause: number,
): Promise<string> {
  const { CreateJobCommand } = await import('@aws-sdk/client-s3-control');
  const control = await clients.s3control(region);
  const { bucket, key } = plan.manifest;
  const input: CreateJobCommandInput = {
    ...plan.job,
    Manifest: {
      Spec: { Format: 'S3BatchOperations_CSV_20180820', Fields: ['Bucket', 'Key'] },
      Location: { ObjectArn: `arn:${partition}:s3:::${bucket}/${key}`, ETag: etag.replaceAll('"', '') },
    },
  };
  for (let left = TRIES; ; left--) {
    try {
      const { JobId = '' } = await control.send(new CreateJobCommand(input));
      return JobId;
    } catch (error) {
      const { name, message } = error as Error;
      // A role that was made a moment ago is refused for some seconds.
      const early =
        left > 1 && 'name' in plan.role && /role/i.test(message) && /InvalidRequest|BadRequest/.test(name);
      if (!early) throw jobError(error, plan);
      await sleep(pause);
    }
  }
}

const jobError = (cause: unknown, { account, role }: BatchPlan) =>
  new BatchError(
    'batch-refused',
    `account ${account} did not take the job: ${(cause as Error).message}`,
    `its caller needs s3:CreateJob, and iam:PassRole on ${role.arn}`,
    { cause },
  );

export interface JobState {
  status: string;
  total: number;
  succeeded: number;
  failed: number;
  /** Why it failed as a whole. */
  reasons: string[];
}

const ENDED = new Set(['Complete', 'Failed', 'Cancelled', 'Suspended']);

/** Each state that is news, until the job has ended. */
export async function* followJob(
  jobId: string,
  { id, clients }: AccountConnection,
  region: string,
  pause: number,
  signal: AbortSignal,
): AsyncGenerator<JobState> {
  const { DescribeJobCommand } = await import('@aws-sdk/client-s3-control');
  const control = await clients.s3control(region);
  let last = '';
  for (;;) {
    const { Job = {} } = await control.send(new DescribeJobCommand({ AccountId: id, JobId: jobId }), {
      abortSignal: signal,
    });
    const { ProgressSummary: progress, FailureReasons = [] } = Job;
    const state: JobState = {
      status: Job.Status ?? 'New',
      total: progress?.TotalNumberOfTasks ?? 0,
      succeeded: progress?.NumberOfTasksSucceeded ?? 0,
      failed: progress?.NumberOfTasksFailed ?? 0,
      reasons: FailureReasons.map(({ FailureCode, FailureReason }) => `${FailureCode}: ${FailureReason}`),
    };
    const text = JSON.stringify(state);
    if (text !== last) yield state;
    last = text;
    if (ENDED.has(state.status)) return;
    await sleep(pause, undefined, { signal });
  }
}
