import type { KeyRecord, RotationRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';
import { requireEnabled, unfit } from './errors.ts';
import { materialId, rotate, scheduled } from './key-material.ts';
import { keep } from './managed-key.ts';
import { pageOf } from './pages.ts';

// As the SDK's documentation of each operation says, and
// https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html

const USUAL_PERIOD = 365;
const MOST_ON_DEMAND = 25;

/** Rotation of key material: by the clock and on demand. A rotation is done at once. */
export const rotationHandlers: HandlersOf<typeof import('@aws-sdk/client-kms')> = {
  EnableKeyRotation(input, call) {
    const key = call.survey.keys![0]!;
    requireEnabled(key);
    const period = input.RotationPeriodInDays ?? USUAL_PERIOD;
    if (!Number.isInteger(period) || period < 90 || period > 2560)
      throw unfit('rotationPeriodInDays', 'have a value between 90 and 2560');
    if (key.rotation?.period !== period)
      call.store.keys.set(key.arn, { ...key, rotation: scheduled(period, call.clock.now()) });
    return {};
  },

  DisableKeyRotation(_, call) {
    const { rotation: _rotation, ...key } = call.survey.keys![0]!;
    requireEnabled(key);
    call.store.keys.set(key.arn, key);
    return {};
  },

  GetKeyRotationStatus(_, call) {
    const { id, state, rotation } = keep(call.store, call.survey.keys![0]!);
    if (!rotation || state === 'PendingDeletion') return { KeyId: id, KeyRotationEnabled: false };
    return {
      KeyId: id,
      KeyRotationEnabled: true,
      RotationPeriodInDays: rotation.period,
      NextRotationDate: new Date(rotation.next),
    };
  },

  RotateKeyOnDemand(_, call) {
    const key = call.survey.keys![0]!;
    requireEnabled(key);
    if (rotationsOf(key).filter(({ type }) => type === 'ON_DEMAND').length >= MOST_ON_DEMAND)
      throw new AwsError(
        'LimitExceededException',
        `A key is rotated on demand at most ${MOST_ON_DEMAND} times.`,
      );
    call.store.keys.set(key.arn, rotate(key, { time: call.clock.now(), type: 'ON_DEMAND' }));
    return { KeyId: key.id };
  },

  ListKeyRotations(input, call) {
    const key = call.survey.keys![0]!;
    const materials = [...(key.older ?? []), key];
    const all = materials.map(({ material, rotated }) => ({
      KeyId: key.id,
      KeyMaterialId: materialId(material),
      KeyMaterialState: material === key.material ? ('CURRENT' as const) : ('NON_CURRENT' as const),
      ...(rotated && { RotationDate: new Date(rotated.time), RotationType: rotated.type }),
    }));
    const listed =
      input.IncludeKeyMaterial === 'ALL_KEY_MATERIAL' ? all : all.filter((entry) => 'RotationDate' in entry);
    const { page, ...rest } = pageOf(listed, input, 100, 1000);
    return { ...rest, Rotations: page };
  },
};

function rotationsOf({ older = [], rotated }: KeyRecord): RotationRecord[] {
  return [...older.map((one) => one.rotated), rotated].flatMap((rotation) => rotation ?? []);
}
