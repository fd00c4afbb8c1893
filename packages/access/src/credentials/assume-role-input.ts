import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { AccessError } from '../errors.ts';
import { sessionSeconds } from './duration.ts';
import { parseRoleArn } from './role-arn.ts';
import type { RoleLink } from './role-options.ts';
import { defaultSessionName } from './session-name.ts';
import { scopePolicy } from './session-scope.ts';

// Limits as the models of @aws-sdk/client-sts state them for AssumeRole.
const LARGEST_SESSION_POLICY = 2048;
const MOST_POLICY_ARNS = 10;
const MOST_TAGS = 50;
const TEXT_RULES = [
  ['sessionName', /^[\w+=,.@-]{2,64}$/, '2 to 64 letters, digits or any of _+=,.@-'],
  ['externalId', /^[\w+=,.@:/-]{2,1224}$/, '2 to 1,224 letters, digits or any of _+=,.@:/-'],
  ['sourceIdentity', /^[\w+=,.@-]{2,64}$/, '2 to 64 letters, digits or any of _+=,.@-'],
] as const;

/**
 * Checks a link and writes it as AssumeRole's input, without the MFA code.
 *
 * @throws AccessError `invalid-option`, `session-duration`, `session-policy-too-large`
 */
export function assumeRoleInput(link: RoleLink, chained: boolean): AssumeRoleCommandInput {
  parseRoleArn(link.roleArn);
  for (const [option, pattern, wants] of TEXT_RULES) {
    const value = link[option];
    if (value !== undefined && !pattern.test(value)) throw invalid(option, value, `use ${wants}`);
  }
  return {
    RoleArn: link.roleArn,
    RoleSessionName: link.sessionName ?? defaultSessionName(),
    ExternalId: link.externalId,
    DurationSeconds: link.duration === undefined ? undefined : sessionSeconds(link.duration, chained),
    Tags: sessionTags(link),
    TransitiveTagKeys: transitiveTagKeys(link),
    SourceIdentity: link.sourceIdentity,
    Policy: sessionPolicy(link),
    PolicyArns: policyArns(link),
  };
}

const invalid = (option: string, value: unknown, help: string) =>
  new AccessError('invalid-option', `\`${option}\` cannot be \`${String(value).slice(0, 100)}\``, help);

function sessionTags({ tags }: RoleLink): AssumeRoleCommandInput['Tags'] {
  if (tags === undefined) return undefined;
  const entries = Object.entries(tags);
  const wrong = entries.find(
    ([key, value]) => key.length < 1 || key.length > 128 || String(value).length > 256,
  );
  if (wrong)
    throw invalid(
      'tags',
      wrong.join('='),
      'a tag has a key of 1 to 128 characters and a value of at most 256',
    );
  if (entries.length > MOST_TAGS)
    throw invalid('tags', `${entries.length} tags`, `pass at most ${MOST_TAGS}`);
  return entries.map(([Key, Value]) => ({ Key, Value }));
}

function transitiveTagKeys({ tags = {}, transitiveTagKeys }: RoleLink): string[] | undefined {
  const missing = transitiveTagKeys?.find((key) => !Object.hasOwn(tags, key));
  if (missing !== undefined) throw invalid('transitiveTagKeys', missing, 'name keys of `tags`');
  return transitiveTagKeys;
}

function policyArns({ policyArns }: RoleLink): AssumeRoleCommandInput['PolicyArns'] {
  if (policyArns && policyArns.length > MOST_POLICY_ARNS) {
    throw invalid('policyArns', `${policyArns.length} policies`, `pass at most ${MOST_POLICY_ARNS}`);
  }
  return policyArns?.map((arn) => ({ arn }));
}

function sessionPolicy({ policy, scope, roleArn }: RoleLink): string | undefined {
  if (policy !== undefined && scope !== undefined)
    throw invalid('scope', 'with `policy`', 'pass one of them');
  const document =
    scope === undefined ? policy : scopePolicy([scope].flat(), parseRoleArn(roleArn).partition);
  if (document === undefined) return undefined;
  const text = inAscii(typeof document === 'string' ? document : JSON.stringify(document));
  if (text.length > LARGEST_SESSION_POLICY) {
    throw new AccessError(
      'session-policy-too-large',
      `the session policy for \`${roleArn}\` has ${text.length} characters, and STS takes ${LARGEST_SESSION_POLICY}`,
      scope === undefined
        ? 'shorten it, or attach it to the role as a managed policy and pass its ARN in `policyArns`'
        : 'use fewer scopes, or shorter prefixes, for one session',
    );
  }
  if (!isJson(text)) throw invalid('policy', text, `write the session policy for ${roleArn} as JSON`);
  return text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** STS takes no characters beyond \u00ff in a policy, and JSON can write them all without. */
const inAscii = (json: string) =>
  json.replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
