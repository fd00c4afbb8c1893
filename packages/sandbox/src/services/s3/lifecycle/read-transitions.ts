import type { LifecycleRule } from '@aws-sdk/client-s3';
import type { LifecycleRuleRecord } from '../../../store/records.ts';
import { AwsError } from '../../../wire/errors.ts';
import { malformedXml } from '../errors.ts';
import { requireMidnight } from './midnight.ts';

/** The first day on which objects may go to a class. https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html */
const FIRST_DAY: Readonly<Record<string, number>> = {
  STANDARD_IA: 30,
  ONEZONE_IA: 30,
  INTELLIGENT_TIERING: 0,
  GLACIER_IR: 0,
  GLACIER: 0,
  DEEP_ARCHIVE: 0,
};

type Transitions = LifecycleRuleRecord['transitions'];

export function readTransitions(
  rule: LifecycleRule,
  expiration: LifecycleRuleRecord['expiration'],
): Transitions {
  const transitions = rule.Transitions?.map(({ Days, Date: date, StorageClass }) => {
    if ((Days === undefined) === (date === undefined)) throw malformedXml();
    const storageClass = requireClass(StorageClass);
    if (Days !== undefined) requireDays(Days, 'Days', 'Transition', storageClass);
    return {
      ...(Days !== undefined && { Days }),
      ...(date !== undefined && { Date: requireMidnight(date) }),
      StorageClass: storageClass,
    };
  });
  if (!transitions) return undefined;
  requireDistinct(transitions);
  for (const { Days, Date: date } of transitions) requireBefore(Days, date, expiration);
  return transitions;
}

export function readNoncurrentTransitions(rule: LifecycleRule): LifecycleRuleRecord['noncurrentTransitions'] {
  const transitions = rule.NoncurrentVersionTransitions?.map(
    ({ NoncurrentDays, NewerNoncurrentVersions, StorageClass }) => {
      if (NoncurrentDays === undefined) throw malformedXml();
      const storageClass = requireClass(StorageClass);
      requireDays(NoncurrentDays, 'NoncurrentDays', 'NoncurrentVersionTransition', storageClass);
      return {
        NoncurrentDays,
        ...(NewerNoncurrentVersions !== undefined && { NewerNoncurrentVersions }),
        StorageClass: storageClass,
      };
    },
  );
  if (transitions) requireDistinct(transitions);
  return transitions;
}

function requireClass(storageClass: string | undefined): string {
  if (storageClass === undefined || !Object.hasOwn(FIRST_DAY, storageClass)) throw malformedXml();
  return storageClass;
}

function requireDays(days: number, member: string, action: string, storageClass: string): void {
  if (!Number.isInteger(days) || days < 0)
    throw new AwsError('InvalidArgument', `'${member}' in ${action} action must be nonnegative`);
  if (days < FIRST_DAY[storageClass]!)
    throw new AwsError(
      'InvalidArgument',
      `'${member}' in ${action} action must be greater than or equal to ${FIRST_DAY[storageClass]} for storageClass '${storageClass}'`,
    );
}

function requireDistinct(transitions: readonly { StorageClass: string }[]): void {
  if (new Set(transitions.map(({ StorageClass }) => StorageClass)).size === transitions.length) return;
  throw new AwsError('InvalidArgument', "'StorageClass' must be different for each transition of a rule");
}

/** An object must reach its class before it expires, and both must be counted in one way. */
function requireBefore(
  days: number | undefined,
  date: number | undefined,
  expiration: LifecycleRuleRecord['expiration'],
): void {
  if (!expiration || 'markers' in expiration) return;
  if ((days === undefined) === 'days' in expiration)
    throw new AwsError(
      'InvalidRequest',
      "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule",
    );
  const [member, isLater] =
    'days' in expiration ? ['Days', expiration.days > days!] : ['Date', expiration.date > date!];
  if (!isLater)
    throw new AwsError(
      'InvalidArgument',
      `'${member}' in the Expiration action must be greater than '${member}' in the Transition action`,
    );
}
