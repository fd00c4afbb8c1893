import { AwsError } from '../../wire/errors.ts';
import { invalidValue } from './errors.ts';
import { requireName } from './names.ts';

/** Longest names that a call may give, whether or not there is such an entity. */
const NAMES: Readonly<Record<string, number>> = {
  UserName: 128,
  NewUserName: 128,
  GroupName: 128,
  NewGroupName: 128,
  RoleName: 64,
  PolicyName: 128,
  InstanceProfileName: 128,
  VirtualMFADeviceName: 226,
};

interface TextRule {
  pattern: RegExp;
  shortest: number;
  longest: number;
}

/** As the SDK's model of IAM describes the members. */
const TEXTS: Readonly<Record<string, TextRule>> = {
  PolicyArn: { pattern: /^/, shortest: 20, longest: 2048 },
  PermissionsBoundary: { pattern: /^/, shortest: 20, longest: 2048 },
  PolicySourceArn: { pattern: /^/, shortest: 20, longest: 2048 },
  OpenIDConnectProviderArn: { pattern: /^/, shortest: 20, longest: 2048 },
  AccessKeyId: { pattern: /^\w*$/, shortest: 16, longest: 128 },
  SerialNumber: { pattern: /^[\w+=/:,.@-]*$/, shortest: 9, longest: 256 },
  AuthenticationCode1: { pattern: /^\d*$/, shortest: 6, longest: 6 },
  AuthenticationCode2: { pattern: /^\d*$/, shortest: 6, longest: 6 },
  VersionId: { pattern: /^v[1-9]\d*(?:\.[A-Za-z0-9-]*)?$/, shortest: 1, longest: 32 },
  PathPrefix: { pattern: /^\/[\x21-\x7e]*$/, shortest: 1, longest: 512 },
  Marker: { pattern: /^[\x20-\xff]+$/, shortest: 1, longest: 320 },
  PolicyDocument: { pattern: /^[\t\n\r\x20-\xff]*$/, shortest: 1, longest: 131_072 },
  AssumeRolePolicyDocument: { pattern: /^[\t\n\r\x20-\xff]*$/, shortest: 1, longest: 131_072 },
};

/** What errors do not show. */
const HIDDEN = new Set([
  'AuthenticationCode1',
  'AuthenticationCode2',
  'PolicyDocument',
  'AssumeRolePolicyDocument',
]);

/** Checks what can be checked before anybody is asked for permission. */
export function requireInput(input: Record<string, unknown>): void {
  for (const [member, value] of Object.entries(input)) {
    if (typeof value !== 'string') continue;
    const name = member.charAt(0).toLowerCase() + member.slice(1);
    if (Object.hasOwn(NAMES, member)) requireName(name, value, NAMES[member]!);
    else if (Object.hasOwn(TEXTS, member)) requireText(member, name, value, TEXTS[member]!);
  }
  const { MaxItems: size } = input;
  if (typeof size === 'number' && (size < 1 || size > 1000))
    throw invalidValue('maxItems', String(size), 'Member must have value between 1 and 1000');
}

function requireText(
  member: string,
  name: string,
  value: string,
  { pattern, shortest, longest }: TextRule,
): void {
  const refuse = (constraint: string): AwsError =>
    HIDDEN.has(member)
      ? new AwsError(
          'ValidationError',
          `1 validation error detected: Value at '${name}' failed to satisfy constraint: ${constraint}`,
        )
      : invalidValue(name, value, constraint);
  if (value.length < shortest) throw refuse(`Member must have length greater than or equal to ${shortest}`);
  if (value.length > longest) throw refuse(`Member must have length less than or equal to ${longest}`);
  if (!pattern.test(value)) throw refuse(`Member must satisfy regular expression pattern: ${pattern.source}`);
}
