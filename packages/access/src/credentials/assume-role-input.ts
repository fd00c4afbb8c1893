import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { AccessError } from '../errors.ts';
import { sessionSeconds } from './duration.ts';
import { parseRoleArn } from './role-arn.ts';
import type { RoleLink } from './role-options.ts';
import { defaultSessionName } from './session-name.ts';

export const LARGEST_SESSION_POLICY = 2048;

// Limits as the models of @aws-sdk/client-sts state them for AssumeRole.
const TEXT_RULES = {
  sessionName: { pattern: /^[\w+=,.@-]{2,64}$/, wants: '2 to 64 letters, digits or any of _+=,.@-' },
  externalId: { pattern: /^[\w+=,.@:/-]{2,1224}$/, wants: '2 to 1,224 letters, digits or any of _+=,.@:/-' },
  sourceIdentity: { pattern: /^[\w+=,.@-]{2,64}$/, wants: '2 to 64 letters, digits or any of _+=,.@-' },
} as const;

/** Checks a link and writes it as AssumeRole's input, without the MFA code. */
export function assumeRoleInput(link: RoleLink, chained: boolean): AssumeRoleCommandInput {
  parseRoleArn(link.roleArn);
  for (const [option, { pattern, wants }] of Object.entries(TEXT_RULES)) {
    const value = link[option as keyof typeof TEXT_RULES];
    if (value !== undefined && !pattern.test(value)) {
      throw new AccessError(
        'invalid-option',
        `\`${option}\` cannot be \`${value.slice(0, 100)}\``,
        `use ${wants}`,
      );
    }
  }
  return {
    RoleArn: link.roleArn,
    RoleSessionName: link.sessionName ?? defaultSessionName(),
    ExternalId: link.externalId,
    DurationSeconds: link.duration === undefined ? undefined : sessionSeconds(link.duration, chained),
    Tags: link.tags && Object.entries(link.tags).map(([Key, Value]) => ({ Key, Value })),
    TransitiveTagKeys: link.transitiveTagKeys,
    SourceIdentity: link.sourceIdentity,
    Policy: sessionPolicy(link),
    PolicyArns: link.policyArns?.map((arn) => ({ arn })),
  };
}

function sessionPolicy({ policy, roleArn }: RoleLink): string | undefined {
  if (policy === undefined) return undefined;
  const text = typeof policy === 'string' ? policy : JSON.stringify(policy);
  if (text.length > LARGEST_SESSION_POLICY) {
    throw new AccessError(
      'session-policy-too-large',
      `the session policy for \`${roleArn}\` has ${text.length} characters, and STS takes ${LARGEST_SESSION_POLICY}`,
      'shorten it, or attach it to the role as a managed policy and pass its ARN in `policyArns`',
    );
  }
  return text;
}
