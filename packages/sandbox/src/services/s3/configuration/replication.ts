import { randomBytes } from 'node:crypto';
import type { ReplicationConfiguration, ReplicationRule } from '@aws-sdk/client-s3';
import { AwsError } from '../../../wire/errors.ts';
import type { Call, HandlersOf } from '../../service.ts';
import { malformedXml } from '../errors.ts';
import { configurationOf, setConfiguration } from './stored.ts';

export const replicationHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketReplication(input, call) {
    const { Role: role, Rules: rules = [] } = input.ReplicationConfiguration ?? {};
    if (call.survey.bucket!.versioning !== 'Enabled')
      throw request("Versioning must be 'Enabled' on the bucket to apply a replication configuration");
    setConfiguration(call, 'replication', readReplication({ Role: role, Rules: rules }, call));
    return {};
  },

  GetBucketReplication(_, call) {
    const bucket = call.survey.bucket!;
    const replication = configurationOf(bucket, 'replication');
    if (replication) return { ReplicationConfiguration: replication };
    throw new AwsError(
      'ReplicationConfigurationNotFoundError',
      'The replication configuration was not found',
      { status: 404, fields: { BucketName: bucket.name } },
    );
  },

  DeleteBucketReplication(_, call) {
    setConfiguration(call, 'replication', undefined);
    return {};
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html */
const MOST_RULES = 1000;
const LONGEST_ID = 255;
const STATUSES: ReadonlySet<unknown> = new Set(['Enabled', 'Disabled']);

function readReplication(
  { Role: role, Rules: rules = [] }: ReplicationConfiguration,
  call: Call,
): ReplicationConfiguration {
  if (!role || rules.length === 0 || rules.length > MOST_RULES) throw malformedXml();
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(role))
    throw new AwsError('InvalidArgument', 'Invalid Role ARN', {
      fields: { ArgumentName: 'Role', ArgumentValue: role },
    });
  const read = rules.map((rule) => readRule(rule, call));
  requireDistinct(read, 'ID', 'Rule Id must be unique');
  const prioritised = read.filter(({ Priority }) => Priority !== undefined);
  requireDistinct(prioritised, 'Priority', 'Found duplicate Priority in the replication rules');
  // The two forms of a rule do not mix: with a filter, and with a bare prefix.
  if (new Set(read.map(({ Filter }) => Filter !== undefined)).size > 1) throw malformedXml();
  return { Role: role, Rules: read };
}

function readRule(rule: ReplicationRule, call: Call): ReplicationRule {
  if (!STATUSES.has(rule.Status)) throw malformedXml();
  if ((rule.ID?.length ?? 0) > LONGEST_ID) throw request(`The maximum size of a rule ID is ${LONGEST_ID}.`);
  requireForm(rule);
  requireDestination(rule, call);
  return { ...rule, ID: rule.ID || randomBytes(36).toString('base64url') };
}

function requireForm({ Filter, Prefix, Priority, DeleteMarkerReplication: markers }: ReplicationRule): void {
  if (Filter === undefined) {
    if (Prefix === undefined) throw malformedXml();
    if (Priority !== undefined || markers !== undefined) throw malformedXml();
    return;
  }
  if (Prefix !== undefined) throw malformedXml();
  if (Priority === undefined) throw request(`Priority ${LATER_FORM}`);
  if (!Number.isInteger(Priority) || Priority < 0) throw malformedXml();
  if (!markers) throw request(`DeleteMarkerReplication ${LATER_FORM}`);
  if (!STATUSES.has(markers.Status)) throw malformedXml();
  const hasTags = Filter.Tag !== undefined || (Filter.And?.Tags?.length ?? 0) > 0;
  if (hasTags && markers.Status === 'Enabled')
    throw request('Delete marker replication is not supported if any Tag filter is specified.');
}

const LATER_FORM =
  'must be specified for this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information.';

function requireDestination({ Destination: destination }: ReplicationRule, call: Call): void {
  const name = /^arn:aws[a-z-]*:s3:::([a-z0-9.-]+)$/.exec(destination?.Bucket ?? '')?.[1];
  if (name === undefined)
    throw new AwsError('InvalidArgument', 'Invalid bucket ARN.', {
      fields: { ArgumentName: 'Bucket', ArgumentValue: destination?.Bucket ?? '' },
    });
  const bucket = call.store.buckets.get(name);
  if (!bucket) throw request('Destination bucket must exist.');
  if (bucket.versioning !== 'Enabled') throw request('Destination bucket must have versioning enabled.');
  if (destination!.Account !== undefined && !/^\d{12}$/.test(destination!.Account)) throw malformedXml();
}

function requireDistinct(
  rules: readonly ReplicationRule[],
  member: 'ID' | 'Priority',
  message: string,
): void {
  if (new Set(rules.map((rule) => rule[member])).size < rules.length) throw request(message);
}

const request = (message: string): AwsError => new AwsError('InvalidRequest', message);
