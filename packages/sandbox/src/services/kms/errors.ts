import type { KeyRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';

// The codes are those that the SDK's model of KMS declares; the texts are as AWS answers.

export const keyNotFound = (arn: string): AwsError =>
  new AwsError('NotFoundException', `Key '${arn}' does not exist`);

export const aliasNotFound = (arn: string): AwsError =>
  new AwsError('NotFoundException', `Alias ${arn} is not found.`);

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

/** One constraint of the model that a value does not satisfy. */
export const unfit = (member: string, constraint: string): AwsError =>
  validation(
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must ${constraint}`,
  );

export const disabled = ({ arn }: Pick<KeyRecord, 'arn'>): AwsError =>
  new AwsError('DisabledException', `${arn} is disabled.`);

export const pendingDeletion = ({ arn }: Pick<KeyRecord, 'arn'>): AwsError =>
  new AwsError('KMSInvalidStateException', `${arn} is pending deletion.`);

export const unsupported = (message: string): AwsError =>
  new AwsError('UnsupportedOperationException', message);

/**
 * What most changes of a key need: it may be disabled, but not on its way out.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 */
export function requireStaying(key: KeyRecord): void {
  if (key.state === 'PendingDeletion') throw pendingDeletion(key);
}

/** What the use of a key needs. */
export function requireEnabled(key: KeyRecord): void {
  requireStaying(key);
  if (key.state === 'Disabled') throw disabled(key);
}
