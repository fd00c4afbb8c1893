import { AwsError } from '../../wire/errors.ts';
import { accountOfKey } from '../iam/names.ts';
import type { HandlersOf } from '../service.ts';

export const identityHandlers: HandlersOf<typeof import('@aws-sdk/client-sts')> = {
  GetCallerIdentity: (_, { caller }) => ({
    UserId: caller.userId,
    Account: caller.account,
    Arn: caller.arn,
  }),

  GetAccessKeyInfo({ AccessKeyId: id }, { store, accounts }) {
    const account = store.accessKeys.get(id!)?.account ?? accountOfKey(id!);
    if (account !== undefined && accounts.has(account)) return { Account: account };
    throw new AwsError('ValidationError', `The access key ${id} does not exist.`);
  },

  /**
   * As the SDK's model of STS says, only certain operations give an encoded message. None of the services here has one,
   * so whatever is asked for was not made here.
   */
  DecodeAuthorizationMessage() {
    throw new AwsError(
      'InvalidAuthorizationMessageException',
      'The message was not encoded here: no operation that the sandbox serves returns an encoded authorization message.',
    );
  },
};
