import { nameOf, requireRange, requireTexts, type TextRule } from '../validation.ts';
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

const TEXT = String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+`;

/** As the SDK's model of IAM describes the members. */
const TEXTS: Readonly<Record<string, TextRule>> = {
  PolicyArn: { shortest: 20, longest: 2048 },
  PermissionsBoundary: { shortest: 20, longest: 2048 },
  PolicySourceArn: { shortest: 20, longest: 2048 },
  OpenIDConnectProviderArn: { shortest: 20, longest: 2048 },
  AccessKeyId: { pattern: String.raw`[\w]+`, shortest: 16, longest: 128 },
  SerialNumber: { pattern: String.raw`[\w+=/:,.@-]+`, shortest: 9, longest: 256 },
  AuthenticationCode1: { pattern: String.raw`[\d]+`, shortest: 6, longest: 6, hidden: true },
  AuthenticationCode2: { pattern: String.raw`[\d]+`, shortest: 6, longest: 6, hidden: true },
  VersionId: { pattern: String.raw`v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`, shortest: 1, longest: 32 },
  PathPrefix: { pattern: String.raw`\u002F[\u0021-\u007F]*`, shortest: 1, longest: 512 },
  Marker: { pattern: String.raw`[\u0020-\u00FF]+`, shortest: 1, longest: 320 },
  PolicyDocument: { pattern: TEXT, shortest: 1, longest: 131_072, hidden: true },
  AssumeRolePolicyDocument: { pattern: TEXT, shortest: 1, longest: 131_072, hidden: true },
};

/** Checks what can be checked before anybody is asked for permission. */
export function requireInput(input: Record<string, unknown>): void {
  for (const [member, longest] of Object.entries(NAMES)) {
    const value = input[member];
    if (typeof value === 'string') requireName(nameOf(member), value, longest);
  }
  requireTexts(input, TEXTS);
  const { MaxItems: size } = input;
  if (typeof size === 'number') requireRange('MaxItems', size, 1, 1000);
}
