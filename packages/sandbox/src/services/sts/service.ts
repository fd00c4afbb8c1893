import { isKnown } from '../../config/settings.ts';
import { loadModel } from '../../wire/model.ts';
import { AwsError } from '../../wire/errors.ts';
import { handlersOf, type HandlersOf, type LoadedService, type Survey } from '../service.ts';
import { assumeRoleHandlers, requireAssumeRoleInput } from './assume-role.ts';
import { model } from './model.data.ts';

const identityHandlers: HandlersOf<typeof import('@aws-sdk/client-sts')> = {
  GetCallerIdentity: (_, { caller }) => ({ UserId: caller.userId, Account: caller.account, Arn: caller.arn }),
};

export const sts: LoadedService = {
  model: loadModel(model),
  handlers: handlersOf({ ...identityHandlers, ...assumeRoleHandlers }),
  survey,
  isData: () => false,
};

function survey(
  operation: string,
  input: Record<string, unknown>,
  known: Parameters<LoadedService['survey']>[2],
): Survey {
  const { store, caller } = known;
  const arn = input['RoleArn'];
  if (typeof arn !== 'string') return {};
  if (operation === 'AssumeRole') {
    requireAssumeRoleInput(input);
    // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    if (caller.kind === 'root')
      throw new AwsError('AccessDenied', 'Roles may not be assumed by root accounts.', { status: 403 });
  }
  const found = store.findRole(arn);
  const role = found && isKnown(found, known) ? found : undefined;
  const account = arn.split(':')[4];
  return {
    ...(role && { role }),
    resources: [{ type: 'AWS::IAM::Role', arn, ...(account && { account }) }],
  };
}
