import { randomUUID } from 'node:crypto';
import type { Filter } from '@crossbucket/access';
import { planBatch, targetFolder, type BatchPlan } from '../../batch/plan-batch.ts';
import {
  createJob,
  ensureRole,
  followJob,
  manifestLines,
  type ManifestCount,
} from '../../batch/run-batch.ts';
import { confirm } from '../confirm.ts';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printable, type Terminal } from '../terminal.ts';
import { optionsOfSide } from './access-options.ts';
import type { CopyFlags } from './copy-command.ts';
import { onInterrupt } from './interrupt.ts';
import type { S3Location } from './location.ts';
import { findAccess, openLocation } from './open-location.ts';
import { count, humanBytes } from './units.ts';

const asFolder = (prefix: string) => (prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`);

/** `crossbucket cp --recursive --engine batch`: S3's own engine copies; here the job is made and followed. */
export async function runBatch(
  from: S3Location,
  to: S3Location,
  flags: CopyFlags,
  filters: Filter[],
  terminal: Terminal,
): Promise<ExitCode> {
  const source = { bucket: from.bucket, prefix: asFolder(from.key) };
  const target = { bucket: to.bucket, prefix: asFolder(to.key) };
  if (targetFolder(source, target) === undefined)
    throw new UsageError(
      `S3 Batch Operations keep the whole key, so the target must end in \`${source.prefix}\``,
      `write s3://${to.bucket}/${target.prefix}${source.prefix}, or leave out --engine batch`,
    );
  const [sourceOptions, targetOptions] = [optionsOfSide(flags, 'from'), optionsOfSide(flags, 'to')];
  const [sourceAccess, targetAccess] = await Promise.all([
    findAccess(sourceOptions, from, 'read'),
    findAccess(targetOptions, to, 'write'),
  ]);
  if (targetAccess.role)
    throw new UsageError(
      'a batch job belongs to the account of its caller, and a role for objects may not make one',
      'pass a profile of the target account: --to-profile',
    );
  const { connect } = await import('../../accounts/index.ts');
  const { profile, region, endpoint } = targetAccess;
  const account = await connect({ profile, region, endpoint });
  const plan = planBatch({
    source,
    target,
    account: account.id,
    partition: account.partition,
    sourceOwner: sourceAccess.owner,
    roleArn: flags.batchRole,
    token: randomUUID(),
    tags: flags.tags,
    storageClass: flags.storageClass,
  });
  const bucket = await openLocation(from, 'read', sourceOptions);
  const { openFilters } = await import('@crossbucket/access');
  const counted: ManifestCount = { objects: 0, bytes: 0, tooLarge: [] };
  const { signal, done } = onInterrupt();
  const lines = manifestLines(bucket, source, openFilters(filters), counted, signal);
  const show = (value: object, text: string) =>
    void terminal.out.write(flags.json ? `${JSON.stringify(value)}\n` : `${printableLines(text)}\n`);
  try {
    show({ type: 'batch-plan', ...plan }, describePlan(plan));
    if (flags.dryRun) {
      const first: Buffer[] = [];
      for await (const part of lines) if (first.length === 0) first.push(part);
      const head = first[0]!.toString().split('\n').slice(0, 3).join('\n');
      show({ type: 'batch-manifest', ...counted, head }, `Manifest: ${describeCount(counted)}\n${head}`);
      return EXIT.done;
    }
    if (!(await confirm('Make the role and the job?', flags, terminal))) return EXIT.no;
    const own = await openLocation({ ...to, key: plan.manifest.key }, 'write', targetOptions);
    const { etag } = await own.upload(plan.manifest.key, lines, { contentType: 'text/csv', signal });
    show({ type: 'batch-manifest', ...counted }, `Manifest: ${describeCount(counted)}`);
    await ensureRole(plan, account);
    const pause = (flags.poll ?? 10) * 1000;
    const job = await createJob(plan, etag, account, account.region, pause);
    show({ type: 'batch-job', id: job, account: account.id }, `Job ${job} in account ${account.id}`);
    let last = { status: 'New', succeeded: 0, failed: 0, reasons: [] as string[] };
    for await (const state of followJob(job, account, account.region, pause, signal)) {
      show(
        { type: 'batch-status', ...state },
        `${state.status}: ${state.succeeded} of ${state.total} copied, ${state.failed} failed`,
      );
      last = state;
    }
    return ended(last, counted, plan, terminal);
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.err.write(
      `stopped looking; what S3 was given, it goes on with: aws s3control list-jobs --account-id ${account.id}\n`,
    );
    return EXIT.interrupted;
  } finally {
    done();
  }
}

function ended(
  {
    status,
    succeeded,
    failed,
    reasons,
  }: { status: string; succeeded: number; failed: number; reasons: string[] },
  { tooLarge }: ManifestCount,
  { report }: BatchPlan,
  { err }: Terminal,
): ExitCode {
  for (const reason of reasons) err.write(`error: ${printable(reason)}\n`);
  if (failed > 0) err.write(`help: s3://${report.bucket}/${report.prefix}/ says which failed, and why\n`);
  if (tooLarge.length > 0)
    err.write(
      `help: ${count(tooLarge.length, 'object')} of more than 5 GiB are not in the job; copy them with cp, such as ${printable(tooLarge[0]!)}\n`,
    );
  if (status !== 'Complete') return EXIT.outside;
  if (failed + tooLarge.length === 0) return EXIT.done;
  return succeeded > 0 ? EXIT.partly : EXIT.outside;
}

const describeCount = ({ objects, bytes, tooLarge }: ManifestCount) =>
  `${count(objects, 'object')}, ${humanBytes(bytes)}${tooLarge.length > 0 ? `, and ${tooLarge.length} too large for a job` : ''}`;

const printableLines = (text: string) => text.split('\n').map(printable).join('\n');

function describePlan({ account, manifest, report, role, sourceStatement, job }: BatchPlan): string {
  const indent = (value: unknown) => JSON.stringify(value, null, 2);
  return [
    `Account ${account}: S3 Batch Operations, ${job.Description}`,
    `Manifest: s3://${manifest.bucket}/${manifest.key}`,
    `Report of failures: s3://${report.bucket}/${report.prefix}/`,
    'name' in role
      ? `Role: ${role.arn}, made with this trust and policy:\n${indent(role.trust)}\n${indent(role.policy)}`
      : `Role: ${role.arn}, which is there`,
    ...(sourceStatement
      ? [
          `If the source belongs to another account, its bucket policy must allow the role:\n${indent(sourceStatement)}`,
        ]
      : []),
    `Job:\n${indent(job)}`,
  ].join('\n');
}
