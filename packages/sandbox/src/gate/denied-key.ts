import type { AccessRequest, Cause } from '@crossbucket/policy';
import type { KeyRecord } from '../store/records.ts';
import { AwsError } from '../wire/errors.ts';
import type { Protocol } from '../wire/protocol.ts';
import type { Caller } from './caller.ts';

/** An authorization that was not given, and why. */
export interface Failed {
  request: AccessRequest;
  cause: Cause | undefined;
}

/**
 * A key that is not there or cannot be used just now: no denial, but an error of KMS's, which S3 passes on.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 */
export function keyError(
  { request, cause }: Failed,
  caller: Caller,
  protocol: Protocol,
  keys: readonly KeyRecord[],
): AwsError | undefined {
  if (!request.action.startsWith('kms:')) return undefined;
  const throughS3 = protocol === 'rest-xml';
  const error = (code: string, message: string) =>
    new AwsError(throughS3 ? `KMS.${code}` : code, message, { status: 400 });
  const key = keys.find(({ arn }) => arn === request.resource);
  if (key && cause?.code === 'kms-key-unavailable')
    return key.state === 'Disabled'
      ? error('DisabledException', `${key.arn} is disabled.`)
      : error('KMSInvalidStateException', `${key.arn} is pending deletion.`);
  if (throughS3 && !key && request.resourceAccount === caller.account)
    return error('NotFoundException', `Key '${request.resource}' does not exist`);
  return undefined;
}

/** Whose doing a denial is: what the caller's own account says, its callers may know. */
const OWN_SIDE = /^(kms-identity|identity|boundary|session|scp)/;

/**
 * Of another account's key nobody learns more than that it cannot be used: not even whether it is there.
 * @returns What KMS says instead of the resource and the reason.
 */
export function discreetly({ request, cause }: Failed): string | undefined {
  if (!request.action.startsWith('kms:') || OWN_SIDE.test(cause?.code ?? '')) return undefined;
  const resource = /^kms:(Decrypt|ReEncryptFrom)$/.test(request.action)
    ? 'on the resource associated with this ciphertext'
    : 'on this resource';
  return `${resource} because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`;
}
