import type { MfaDeviceRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import { findStep, saveMfaDevice } from '../iam/mfa-devices.ts';
import type { Context } from '../service.ts';
import type { Caller } from '../../gate/caller.ts';

interface MfaInput {
  SerialNumber?: string | undefined;
  TokenCode?: string | undefined;
}

type Known = Pick<Context, 'store' | 'clock'> & { caller: Caller };

/** The device and time step of the MFA code that a call gives; nothing if it gives none. */
export function readMfaCode(
  { SerialNumber: serial, TokenCode: code }: MfaInput,
  { store, clock, caller }: Known,
): { device: MfaDeviceRecord; step: number } | undefined {
  if (serial === undefined && code === undefined) return undefined;
  // The messages as https://github.com/aws/aws-cli/issues/2279 and https://github.com/aws/aws-cli/issues/6325 show them.
  if (serial === undefined || code === undefined)
    throw refused('failed, must provide both MFA serial number and one time pass code. ');
  const device = store.mfaDevices.get(serial);
  const isOwn =
    device?.enabled !== undefined && device.account === caller.account && device.user === caller.userName;
  if (!isOwn || caller.kind !== 'user')
    throw refused(
      'failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
    );
  const step = findStep(device, code, clock.now());
  if (step === undefined) throw refused('failed with invalid MFA one time pass code. ');
  return { device, step };
}

/** Takes an MFA code as used: it does not count again. */
export function useMfaCode(input: MfaInput, known: Known): boolean {
  const found = readMfaCode(input, known);
  if (found) saveMfaDevice({ ...found.device, lastStep: found.step }, known);
  return found !== undefined;
}

function refused(how: string): AwsError {
  return new AwsError('AccessDenied', `MultiFactorAuthentication ${how}`, { status: 403 });
}
