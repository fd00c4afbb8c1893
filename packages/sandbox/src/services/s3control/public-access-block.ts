import { AwsError } from '../../wire/errors.ts';
import { accountBlock } from '../organizations/state.ts';
import { completeBlock } from '../public-access-block.ts';
import type { Call, HandlersOf } from '../service.ts';

/** Block Public Access of a whole account. https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-account.html */
export const publicAccessBlockHandlers: HandlersOf<typeof import('@aws-sdk/client-s3-control')> = {
  PutPublicAccessBlock(input, call) {
    const account = ownAccount(call);
    call.store.accounts.set(account.id, {
      ...account,
      publicAccessBlock: completeBlock(input.PublicAccessBlockConfiguration),
    });
    return {};
  },

  /** What is in force. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html */
  GetPublicAccessBlock(_, call) {
    const publicAccessBlock = accountBlock(call.caller.account, call.store);
    if (publicAccessBlock) return { PublicAccessBlockConfiguration: publicAccessBlock };
    throw new AwsError(
      'NoSuchPublicAccessBlockConfiguration',
      'The public access block configuration was not found',
      { status: 404 },
    );
  },

  DeletePublicAccessBlock(_, call) {
    const { publicAccessBlock: _removed, ...account } = ownAccount(call);
    call.store.accounts.set(account.id, account);
    return {};
  },
};

function ownAccount(call: Call) {
  return call.store.accounts.get(call.caller.account)!;
}
