import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { iamArn, sessionArn } from '../../store/arns.ts';
import type { SessionClaims } from '../../gate/session-token.ts';
import type { RoleRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import { newAccessKeyId } from '../iam/names.ts';
import type { Call, HandlersOf } from '../service.ts';
import { packedSize, readSessionPolicies } from './session-policies.ts';
import { readSessionTags } from './session-tags.ts';

const HOUR = 3600;

export const assumeRoleHandlers: HandlersOf<typeof import('@aws-sdk/client-sts')> = {
  AssumeRole(input, call) {
    const role = call.survey.role!;
    const sessionName = input.RoleSessionName!;
    if (input.SerialNumber !== undefined || input.TokenCode !== undefined)
      throw new AwsError('NotImplemented', 'The sandbox does not implement MFA devices.', { status: 501 });
    if (input.ProvidedContexts !== undefined)
      throw new AwsError('NotImplemented', 'The sandbox does not implement ProvidedContexts.', {
        status: 501,
      });
    const seconds = requireDuration(input.DurationSeconds, role, call);
    const policies = readSessionPolicies(input, role, call);
    const tags = readSessionTags(input, call.caller.session);
    const packed = packedSize(input, tags);
    const now = call.clock.now();
    const accessKeyId = newAccessKeyId('ASIA', role.account);
    const sourceIdentity = requireSourceIdentity(input, call);
    const claims: SessionClaims = {
      accessKeyId,
      account: role.account,
      roleId: role.id,
      roleArn: iamArn('role', role.account, role.path, role.name),
      sessionName,
      issued: now,
      expires: now + seconds * 1000,
      issuedTo: call.caller.arn,
      ...(policies && { policies }),
      ...tags,
      ...(sourceIdentity !== undefined && { sourceIdentity }),
    };
    return {
      Credentials: {
        AccessKeyId: accessKeyId,
        SecretAccessKey: call.tokens.secretOf(accessKeyId),
        SessionToken: call.tokens.seal(claims),
        // AWS gives whole seconds.
        Expiration: new Date(Math.floor(claims.expires / 1000) * 1000),
      },
      AssumedRoleUser: {
        AssumedRoleId: `${role.id}:${sessionName}`,
        Arn: sessionArn(role.account, role.name, sessionName),
      },
      ...(packed !== undefined && { PackedPolicySize: packed }),
      ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
    };
  },
};

interface Constraint {
  member: keyof AssumeRoleCommandInput;
  pattern: RegExp;
  shortest: number;
  longest: number;
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const CONSTRAINTS: readonly Constraint[] = [
  {
    member: 'RoleArn',
    pattern: /^[^\p{Cc}]*$/u,
    shortest: 20,
    longest: 2048,
  },
  { member: 'RoleSessionName', pattern: /^[\w+=,.@-]*$/, shortest: 2, longest: 64 },
  { member: 'ExternalId', pattern: /^[\w+=,.@:/-]*$/, shortest: 2, longest: 1224 },
  { member: 'SourceIdentity', pattern: /^[\w+=,.@-]*$/, shortest: 2, longest: 64 },
];

/** Checks what can be checked before anybody is asked for permission. */
export function requireAssumeRoleInput(input: Record<string, unknown>): void {
  for (const { member, pattern, shortest, longest } of CONSTRAINTS) {
    const value = input[member];
    if (typeof value !== 'string') continue;
    const name = member.charAt(0).toLowerCase() + member.slice(1);
    if (value.length < shortest)
      throw invalid(name, value, `Member must have length greater than or equal to ${shortest}`);
    if (value.length > longest)
      throw invalid(name, value, `Member must have length less than or equal to ${longest}`);
    if (!pattern.test(value))
      throw invalid(name, value, `Member must satisfy regular expression pattern: ${pattern.source}`);
  }
  if (!/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(String(input['RoleArn'])))
    throw new AwsError('ValidationError', `${String(input['RoleArn'])} is invalid`);
  const seconds = input['DurationSeconds'];
  if (typeof seconds !== 'number') return;
  if (seconds < 900)
    throw invalid('durationSeconds', String(seconds), 'Member must have value greater than or equal to 900');
  if (seconds > 12 * HOUR)
    throw invalid('durationSeconds', String(seconds), 'Member must have value less than or equal to 43200');
}

/**
 * The session's length in seconds: the role's own limit, and an hour for a session that was itself made by one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use.html
 */
function requireDuration(asked: number | undefined, role: RoleRecord, call: Call): number {
  const seconds = asked ?? HOUR;
  if (call.caller.session && seconds > HOUR)
    throw new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  if (seconds > role.maxSessionDuration)
    throw new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  return seconds;
}

/** Once set, a source identity stays through every link of a chain. */
function requireSourceIdentity(input: AssumeRoleCommandInput, call: Call): string | undefined {
  const inherited = call.caller.session?.sourceIdentity;
  if (inherited === undefined || input.SourceIdentity === undefined || input.SourceIdentity === inherited)
    return input.SourceIdentity ?? inherited;
  throw new AwsError('AccessDenied', 'The source identity of a session cannot be changed.', { status: 403 });
}

function invalid(member: string, value: string, constraint: string): AwsError {
  return new AwsError(
    'ValidationError',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}
