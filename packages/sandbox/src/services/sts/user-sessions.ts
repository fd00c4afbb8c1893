import { federatedArn } from '../../store/arns.ts';
import type { Call, HandlersOf } from '../service.ts';
import { issue } from './issue.ts';
import { useMfaCode } from './mfa.ts';
import { readSessionPolicies } from './session-policies.ts';
import { readSessionTags } from './session-tags.ts';

const HOUR = 3600;

/** Sessions of users, and of the account root, without a role. */
export const userSessionHandlers: HandlersOf<typeof import('@aws-sdk/client-sts')> = {
  GetSessionToken(input, call) {
    const isAuthenticated = useMfaCode(input, call);
    const session = {
      kind: 'user' as const,
      account: call.caller.account,
      ...makerOf(call),
      ...(isAuthenticated && { authenticated: call.clock.now() }),
    };
    return issue(session, secondsOf(input.DurationSeconds, call), call, input);
  },

  GetFederationToken(input, call) {
    const { account } = call.caller;
    const name = input.Name!;
    const session = {
      kind: 'federated-user' as const,
      account,
      name,
      ...makerOf(call),
      ...readSessionPolicies(input, account, call),
      ...readSessionTags(input, undefined),
    };
    return {
      ...issue(session, secondsOf(input.DurationSeconds, call), call, input),
      FederatedUser: { FederatedUserId: `${account}:${name}`, Arn: federatedArn(account, name) },
    };
  },
};

function makerOf({ caller }: Call): { userId?: string } {
  return caller.kind === 'user' ? { userId: caller.userId } : {};
}

/** Twelve hours if nothing is asked; the account root's are an hour at most, as the SDK's model of STS says. */
function secondsOf(asked: number = 12 * HOUR, { caller }: Call): number {
  return caller.kind === 'root' ? Math.min(asked, HOUR) : asked;
}
