import type { Call, HandlersOf } from '../service.ts';
import { malformedXml } from './errors.ts';

export const requestPaymentHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketRequestPayment(input, call) {
    const payer = input.RequestPaymentConfiguration?.Payer;
    if (payer !== 'Requester' && payer !== 'BucketOwner') throw malformedXml();
    const { requesterPays: _, ...bucket } = call.survey.bucket!;
    call.store.buckets.set(bucket.name, {
      ...bucket,
      ...(payer === 'Requester' && { requesterPays: true as const }),
    });
    return {};
  },

  GetBucketRequestPayment(_, call) {
    return { Payer: call.survey.bucket!.requesterPays ? 'Requester' : 'BucketOwner' };
  },
};

/**
 * What an answer says of who paid: requesters of other accounts who agreed to. Operations whose answers have no such
 * member leave it out.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
 */
export function chargeOf(
  input: Record<string, unknown>,
  call: Call,
): { RequestCharged: 'requester' } | undefined {
  const { bucket } = call.survey;
  const pays = bucket?.requesterPays === true && bucket.account !== call.caller.account;
  return pays && input['RequestPayer'] === 'requester' ? { RequestCharged: 'requester' } : undefined;
}
