import { randomBytes } from 'node:crypto';
import type { LifecycleExpiration, LifecycleRule, NoncurrentVersionExpiration } from '@aws-sdk/client-s3';
import type { LifecycleRuleRecord } from '../../../store/records.ts';
import { AwsError } from '../../../wire/errors.ts';
import { malformedXml } from '../errors.ts';
import { requireMidnight } from './midnight.ts';
import { readFilter } from './read-filter.ts';
import { readNoncurrentTransitions, readTransitions } from './read-transitions.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html */
const MAX_RULES = 1000;
const LONGEST_ID = 255;

/** Checks the rules of a lifecycle configuration as S3 does. */
export function readRules(rules: readonly LifecycleRule[] | undefined): LifecycleRuleRecord[] {
  if (!rules || rules.length === 0 || rules.length > MAX_RULES) throw malformedXml();
  const read = rules.map(readRule);
  if (new Set(read.map(({ id }) => id)).size < read.length)
    throw invalid('Rule ID must be unique. Found same ID for more than one rule');
  return read;
}

function readRule(rule: LifecycleRule): LifecycleRuleRecord {
  if (rule.Status !== 'Enabled' && rule.Status !== 'Disabled') throw malformedXml();
  const id = rule.ID || randomBytes(36).toString('base64url');
  if (id.length > LONGEST_ID) throw invalid(`ID length should not exceed allowed limit of ${LONGEST_ID}`);
  const { filter, written } = readFilter(rule);
  const expiration = rule.Expiration && readExpiration(rule.Expiration);
  const noncurrent = rule.NoncurrentVersionExpiration && readNoncurrent(rule.NoncurrentVersionExpiration);
  const abort = rule.AbortIncompleteMultipartUpload;
  const abortDays =
    abort && requireDays(abort.DaysAfterInitiation, 'DaysAfterInitiation', 'AbortIncompleteMultipartUpload');
  const transitions = readTransitions(rule, expiration);
  const noncurrentTransitions = readNoncurrentTransitions(rule);
  const actions = { expiration, noncurrent, abortDays, transitions, noncurrentTransitions };
  if (Object.values(actions).every((action) => action === undefined))
    throw new AwsError('InvalidRequest', 'At least one action needs to be specified in a rule');
  const record = { id, enabled: rule.Status === 'Enabled', filter, written, ...defined(actions) };
  requireApplicable(record);
  return record;
}

/** What has neither tags nor a size cannot be chosen by them. */
function requireApplicable({ filter, abortDays, expiration }: LifecycleRuleRecord): void {
  const action =
    abortDays !== undefined
      ? 'AbortIncompleteMultipartUpload'
      : expiration && 'markers' in expiration
        ? 'ExpiredObjectDeleteMarker'
        : undefined;
  if (action === undefined) return;
  if (filter.tags) throw new AwsError('InvalidRequest', `${action} cannot be specified with Tags.`);
  if (filter.largerThan !== undefined || filter.smallerThan !== undefined)
    throw new AwsError('InvalidRequest', `${action} cannot be specified with Object Size.`);
}

type Expiration = NonNullable<LifecycleRuleRecord['expiration']>;

function readExpiration(expiration: LifecycleExpiration): Expiration {
  const { Days: days, Date: date, ExpiredObjectDeleteMarker: markers } = expiration;
  if ([days, date, markers].filter((value) => value !== undefined).length !== 1) throw malformedXml();
  if (days !== undefined) return { days: requireDays(days, 'Days', 'Expiration') };
  if (date !== undefined) return { date: requireMidnight(date) };
  return { markers: markers! };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_NoncurrentVersionExpiration.html */
const MOST_KEPT = 100;

function readNoncurrent(expiration: NoncurrentVersionExpiration): { days: number; keep?: number } {
  const { NoncurrentDays: days, NewerNoncurrentVersions: keep } = expiration;
  if (days === undefined) throw malformedXml();
  if (keep !== undefined && (!Number.isInteger(keep) || keep < 1 || keep > MOST_KEPT))
    throw invalid(
      `'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be a positive integer, and not greater than ${MOST_KEPT}`,
    );
  return {
    days: requireDays(days, 'NoncurrentDays', 'NoncurrentVersionExpiration'),
    ...(keep !== undefined && { keep }),
  };
}

function requireDays(days: number | undefined, member: string, action: string): number {
  if (days === undefined || Number.isNaN(days)) throw malformedXml();
  if (Number.isInteger(days) && days > 0 && days < 2 ** 31) return days;
  throw invalid(`'${member}' for ${action} action must be a positive integer`);
}

const invalid = (message: string): AwsError => new AwsError('InvalidArgument', message);

function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, its]) => its !== undefined)) as never;
}
