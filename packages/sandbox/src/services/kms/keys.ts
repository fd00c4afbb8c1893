import { randomUUID } from 'node:crypto';
import type { KeyMetadata } from '@aws-sdk/client-kms';
import type { KeyRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { requireStaying, unfit, unsupported } from './errors.ts';
import { isThere } from './find-key.ts';
import { defaultPolicy, readKeyPolicy } from './key-policies.ts';
import { materialId, newMaterial, resumeRotation } from './key-material.ts';
import { keep } from './managed-key.ts';
import { pageOf } from './pages.ts';
import { readTags } from './tags.ts';

const DAY = 86_400_000;
const MAX_DESCRIPTION = 8192;

export const keyHandlers: HandlersOf<typeof import('@aws-sdk/client-kms')> = {
  CreateKey(input, call) {
    const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
    if (spec !== 'SYMMETRIC_DEFAULT' || (input.KeyUsage ?? 'ENCRYPT_DECRYPT') !== 'ENCRYPT_DECRYPT')
      throw unsupported('The sandbox makes symmetric encryption keys only.');
    if (
      (input.Origin ?? 'AWS_KMS') !== 'AWS_KMS' ||
      input.MultiRegion ||
      input.CustomKeyStoreId !== undefined
    )
      throw unsupported('The sandbox makes single-Region keys with key material of its own only.');
    const description = requireDescription(input.Description ?? '');
    const { account } = call.caller;
    const id = randomUUID();
    const arn = `arn:aws:kms:${call.region}:${account}:key/${id}`;
    const key: KeyRecord = {
      arn,
      account,
      region: call.region,
      id,
      created: call.clock.now(),
      description,
      managedBy: 'CUSTOMER',
      state: 'Enabled',
      ...readKeyPolicy(input.Policy ?? defaultPolicy(account), arn, input, call),
      tags: readTags(input.Tags),
      aliases: [],
      grants: [],
      material: newMaterial(),
    };
    call.store.keys.set(arn, key);
    return { KeyMetadata: describe(key) };
  },

  /** AWS makes the key that it manages when it is first asked about by its alias. */
  async DescribeKey(_, call) {
    const key = keep(call.store, call.survey.keys![0]!);
    await call.store.settled();
    return { KeyMetadata: describe(key) };
  },

  ListKeys(input, call) {
    const keys = [...call.store.keys.values()]
      .filter((key) => key.account === call.caller.account && key.region === call.region)
      .filter((key) => isThere(key, call.clock.now()))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const { page, ...rest } = pageOf(keys, input, 100, 1000);
    return { ...rest, Keys: page.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })) };
  },

  EnableKey: (_, call) => setState(call, 'Enabled'),

  DisableKey: (_, call) => setState(call, 'Disabled'),

  ScheduleKeyDeletion(input, call) {
    const key = ofCustomer(call);
    requireStaying(key);
    const days = input.PendingWindowInDays ?? 30;
    if (!Number.isInteger(days) || days < 7 || days > 30)
      throw unfit('pendingWindowInDays', 'have a value between 7 and 30');
    const deletion = call.clock.now() + days * DAY;
    call.store.keys.set(key.arn, { ...key, state: 'PendingDeletion', deletion });
    return {
      KeyId: key.arn,
      DeletionDate: new Date(deletion),
      KeyState: 'PendingDeletion',
      PendingWindowInDays: days,
    };
  },

  /** The key that stays is disabled, until somebody enables it. */
  CancelKeyDeletion(_, call) {
    const { deletion: _deletion, ...key } = ofCustomer(call);
    if (key.state !== 'PendingDeletion')
      throw new AwsError('KMSInvalidStateException', `${key.arn} is not pending deletion.`);
    call.store.keys.set(key.arn, { ...key, state: 'Disabled' });
    return { KeyId: key.arn };
  },

  UpdateKeyDescription(input, call) {
    const key = ofCustomer(call);
    requireStaying(key);
    call.store.keys.set(key.arn, { ...key, description: requireDescription(input.Description!) });
    return {};
  },
};

function setState(call: Call, state: 'Enabled' | 'Disabled'): Record<string, never> {
  const key = ofCustomer(call);
  requireStaying(key);
  const changed: KeyRecord = { ...key, state };
  call.store.keys.set(key.arn, state === 'Enabled' ? resumeRotation(changed, call.clock.now()) : changed);
  return {};
}

/** The key policy of a key that AWS manages allows none of this, so only a customer's key comes here. */
const ofCustomer = (call: Call): KeyRecord => call.survey.keys![0]!;

function requireDescription(text: string): string {
  if (text.length <= MAX_DESCRIPTION) return text;
  throw unfit('description', `have length less than or equal to ${MAX_DESCRIPTION}`);
}

function describe(key: KeyRecord): KeyMetadata {
  return {
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: new Date(key.created),
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: key.state,
    ...(key.deletion !== undefined && { DeletionDate: new Date(key.deletion) }),
    Origin: 'AWS_KMS',
    KeyManager: key.managedBy,
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
    CurrentKeyMaterialId: materialId(key.material),
  };
}
