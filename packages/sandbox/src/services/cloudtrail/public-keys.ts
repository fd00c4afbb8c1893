import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';

export const publicKeyHandlers: HandlersOf<typeof import('@aws-sdk/client-cloudtrail')> = {
  /** The keys of the call's region whose time overlaps with the one that is asked for; without, with now. */
  ListPublicKeys(input, call) {
    const now = call.clock.now();
    const from = input.StartTime?.getTime() ?? now;
    const to = input.EndTime?.getTime() ?? Math.max(now, from);
    if (Number.isNaN(from) || Number.isNaN(to) || from > to)
      throw new AwsError('InvalidTimeRangeException', 'The start time must be before the end time.');
    const keys = [...call.store.digestKeys.values()].filter(
      ({ region, validFrom, validTo }) => region === call.region && validFrom <= to && validTo >= from,
    );
    return {
      PublicKeyList: keys.map(({ publicKey, fingerprint, validFrom, validTo }) => ({
        Value: Buffer.from(publicKey, 'base64'),
        Fingerprint: fingerprint,
        ValidityStartTime: new Date(validFrom),
        ValidityEndTime: new Date(validTo),
      })),
    };
  },
};
