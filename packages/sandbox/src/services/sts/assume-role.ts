import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import type { RoleSession } from '../../gate/session-token.ts';
import { iamArn, sessionArn } from '../../store/arns.ts';
import type { RoleRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { issue, type NewSession } from './issue.ts';
import { useMfaCode } from './mfa.ts';
import { readSessionPolicies } from './session-policies.ts';
import { readSessionTags } from './session-tags.ts';

/** How long a session of a role lasts in seconds where the call does not say. The decision has looked at what it says. */
export const HOUR = 3600;

export const assumeRoleHandlers: HandlersOf<typeof import('@aws-sdk/client-sts')> = {
  AssumeRole(input, call) {
    const { caller } = call;
    const role = call.survey.role!;
    if (input.ProvidedContexts !== undefined)
      throw new AwsError('NotImplemented', 'The sandbox does not implement ProvidedContexts.', {
        status: 501,
      });
    const sourceIdentity = requireSourceIdentity(input, call);
    useMfaCode(input, call);
    const session: NewSession<RoleSession> = roleSession(role, input.RoleSessionName!);
    const { policy, policyArns } = readSessionPolicies(input, role.account, call);
    if (policy !== undefined) session.policy = policy;
    if (policyArns) session.policyArns = policyArns;
    const { tags, transitiveTags } = readSessionTags(input, caller.session);
    if (tags) session.tags = tags;
    if (transitiveTags) session.transitiveTags = transitiveTags;
    if (sourceIdentity !== undefined) session.sourceIdentity = sourceIdentity;
    const issued = issue(session, input.DurationSeconds ?? HOUR, call, input);
    const AssumedRoleUser = describeSession(role, input.RoleSessionName!);
    const answer = Object.assign(issued, { AssumedRoleUser });
    return sourceIdentity === undefined ? answer : Object.assign(answer, { SourceIdentity: sourceIdentity });
  },
};

/** What every session of a role claims. */
export function roleSession(
  role: RoleRecord,
  sessionName: string,
): Pick<RoleSession, 'kind' | 'account' | 'roleId' | 'roleArn' | 'sessionName'> {
  const roleArn = iamArn('role', role.account, role.path, role.name);
  return { kind: 'role', account: role.account, roleId: role.id, roleArn, sessionName };
}

export function describeSession(role: RoleRecord, sessionName: string) {
  return {
    AssumedRoleId: `${role.id}:${sessionName}`,
    Arn: sessionArn(role.account, role.name, sessionName),
  };
}

/** Once set, a source identity stays through every link of a chain. */
function requireSourceIdentity(input: AssumeRoleCommandInput, call: Call): string | undefined {
  if (/^aws:/i.test(input.SourceIdentity ?? ''))
    throw new AwsError('ValidationError', 'A source identity cannot begin with `aws:`.');
  const inherited = call.caller.session?.sourceIdentity;
  if (inherited === undefined || input.SourceIdentity === undefined || input.SourceIdentity === inherited)
    return input.SourceIdentity ?? inherited;
  throw new AwsError('AccessDenied', 'The source identity of a session cannot be changed.', { status: 403 });
}
