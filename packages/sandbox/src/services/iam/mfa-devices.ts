import { randomBytes } from 'node:crypto';
import { iamArn } from '../../store/arns.ts';
import type { MfaDeviceRecord } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { deleteConflict, entityExists, limitExceeded, noSuchEntity } from './errors.ts';
import { requireName, requirePath } from './names.ts';
import { byName, pageOf } from './pages.ts';
import { readTags } from './tag-sets.ts';
import { codeAt, stepAt, toBase32 } from './totp.ts';
import { describeUser, requireUser, userNameOf } from './users.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.md */
const DEVICES_PER_USER = 8;
const SEED_BYTES = 40;
/** How far, in time steps, a device's clock may be off: when a code is used, and when it is enabled. */
const TOLERANCE = 1;
const TOLERANCE_FOR_TWO = 2;
/** A device that is synchronised anew may be off by a day. */
const TOLERANCE_FOR_RESYNC = 2880;

export const mfaDeviceHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  CreateVirtualMFADevice(input, call) {
    const name = input.VirtualMFADeviceName!;
    requireName('virtualMFADeviceName', name, 226);
    const path = requirePath(input.Path);
    const serial = iamArn('mfa', call.caller.account, path, name);
    if (call.store.mfaDevices.has(serial))
      throw entityExists(`MFADevice entity at the same path and name already exists.`);
    const device: MfaDeviceRecord = {
      account: call.caller.account,
      name,
      path,
      serial,
      seed: toBase32(randomBytes(SEED_BYTES)),
      created: call.clock.now(),
      tags: readTags(input.Tags),
    };
    saveMfaDevice(device, call);
    return {
      VirtualMFADevice: {
        SerialNumber: serial,
        Base32StringSeed: Buffer.from(device.seed),
        ...(device.tags.length > 0 && { Tags: device.tags }),
      },
    };
  },

  EnableMFADevice(input, call) {
    const user = requireUser(input.UserName!, call);
    const device = requireDevice(input.SerialNumber!, call);
    if (device.enabled !== undefined)
      throw entityExists(`MFADevice with serial number ${device.serial} is already in use.`);
    if (devicesOf(user.name, call).length >= DEVICES_PER_USER)
      throw limitExceeded(`Cannot exceed quota for MFADevicesPerUser: ${DEVICES_PER_USER}`);
    const lastStep = requireTwoCodes(device, input, TOLERANCE_FOR_TWO, call);
    saveMfaDevice({ ...device, user: user.name, enabled: call.clock.now(), lastStep }, call);
    return {};
  },

  ResyncMFADevice(input, call) {
    const device = requireDeviceOf(input.UserName!, input.SerialNumber!, call);
    const lastStep = requireTwoCodes(device, input, TOLERANCE_FOR_RESYNC, call);
    saveMfaDevice({ ...device, lastStep, drift: lastStep - stepAt(call.clock.now()) }, call);
    return {};
  },

  DeactivateMFADevice(input, call) {
    const device = requireDeviceOf(userNameOf(input, call), input.SerialNumber!, call);
    const { user: _user, enabled: _enabled, lastStep: _lastStep, drift: _drift, ...unassigned } = device;
    saveMfaDevice(unassigned, call);
    return {};
  },

  DeleteVirtualMFADevice(input, call) {
    const device = requireDevice(input.SerialNumber!, call);
    if (device.enabled !== undefined)
      throw deleteConflict('MFA VirtualDevice in use. Must deactivate first.');
    call.store.mfaDevices.delete(device.serial);
    return {};
  },

  GetMFADevice(input, call) {
    const device = requireDevice(input.SerialNumber!, call);
    if (input.UserName !== undefined && device.user !== requireUser(input.UserName, call).name)
      throw noSuchDevice(device.serial);
    return {
      SerialNumber: device.serial,
      UserName: device.user,
      EnableDate: device.enabled === undefined ? undefined : new Date(device.enabled),
    };
  },

  ListMFADevices(input, call) {
    const user = requireUser(userNameOf(input, call), call);
    const { page, more } = pageOf(devicesOf(user.name, call), input);
    return {
      MFADevices: page.map(({ serial, enabled }) => ({
        UserName: user.name,
        SerialNumber: serial,
        EnableDate: new Date(enabled!),
      })),
      ...more,
    };
  },

  ListVirtualMFADevices(input, call) {
    const wanted = input.AssignmentStatus ?? 'Any';
    const devices = [...call.store.mfaDevices.values()]
      .filter(({ account }) => account === call.caller.account)
      .filter(({ enabled }) => wanted === 'Any' || (enabled !== undefined) === (wanted === 'Assigned'))
      .toSorted(byName);
    const { page, more } = pageOf(devices, input);
    return {
      VirtualMFADevices: page.map(({ serial, enabled, user }) => ({
        SerialNumber: serial,
        ...(enabled !== undefined && {
          EnableDate: new Date(enabled),
          User: describeUser(requireUser(user!, call)),
        }),
      })),
      ...more,
    };
  },
};

/** The time step whose code this is, if it counts now and none as late was used before. */
export function findStep(device: MfaDeviceRecord, code: string, now: number): number | undefined {
  const current = stepAt(now) + (device.drift ?? 0);
  for (let step = current - TOLERANCE; step <= current + TOLERANCE; step++)
    if (step > (device.lastStep ?? -1) && codeAt(device.seed, step) === code) return step;
  return undefined;
}

export function saveMfaDevice(device: MfaDeviceRecord, { store }: { store: Store }): void {
  store.mfaDevices.set(device.serial, device);
}

interface TwoCodes {
  AuthenticationCode1: string | undefined;
  AuthenticationCode2: string | undefined;
}

/** The step of the second of two codes, which must follow each other. */
function requireTwoCodes(
  { seed }: MfaDeviceRecord,
  { AuthenticationCode1: first, AuthenticationCode2: second }: TwoCodes,
  tolerance: number,
  { clock }: Call,
): number {
  const current = stepAt(clock.now());
  for (let offset = 0; offset <= tolerance; offset++)
    for (const step of [current - offset, current + offset])
      if (codeAt(seed, step) === first && codeAt(seed, step + 1) === second) return step + 1;
  throw new AwsError('InvalidAuthenticationCode', 'Authentication code for device is not valid.');
}

function devicesOf(userName: string, { store, caller }: Call): MfaDeviceRecord[] {
  const devices = [...store.mfaDevices.values()];
  return devices
    .filter(({ account, user }) => account === caller.account && user === userName)
    .toSorted(byName);
}

export function requireDevice(serial: string, { store, caller }: Call): MfaDeviceRecord {
  const device = store.mfaDevices.get(serial);
  if (device?.account === caller.account) return device;
  throw noSuchDevice(serial);
}

function requireDeviceOf(userName: string, serial: string, call: Call): MfaDeviceRecord {
  const user = requireUser(userName, call);
  const device = requireDevice(serial, call);
  if (device.user === user.name) return device;
  throw noSuchDevice(serial);
}

function noSuchDevice(serial: string): AwsError {
  return noSuchEntity(`VirtualMFADevice with serial number ${serial} doesn't exist.`);
}
