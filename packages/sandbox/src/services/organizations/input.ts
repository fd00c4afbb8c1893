import { invalidInput } from './errors.ts';

interface Rule {
  pattern: RegExp;
  shortest?: number;
  longest?: number;
  /** Why AWS refuses what does not match, where it has a reason of its own for it. */
  reason?: string;
}

const ACCOUNT: Rule = { pattern: /^\d{12}$/ };
const PARENT: Rule = { pattern: /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/ };
const TARGET: Rule = {
  pattern: /^(r-[0-9a-z]{4,32}|\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/,
  reason: 'INVALID_PATTERN_TARGET_ID',
};
const ANY = /^[\s\S]*$/;

/** As the SDK's model of Organizations describes the members. */
const RULES: Readonly<Record<string, Rule>> = {
  AccountId: ACCOUNT,
  ParentId: PARENT,
  SourceParentId: PARENT,
  DestinationParentId: PARENT,
  RootId: { pattern: /^r-[0-9a-z]{4,32}$/ },
  OrganizationalUnitId: { pattern: /^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$/ },
  ChildId: { pattern: /^(\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/ },
  TargetId: TARGET,
  PolicyId: { pattern: /^p-[0-9a-zA-Z_]{8,128}$/, reason: 'INVALID_SYNTAX_POLICY_ID' },
  ResourceId: {
    pattern:
      /^(r-[0-9a-z]{4,32}|\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}|p-[0-9a-zA-Z_]{8,128}|rp-[0-9a-zA-Z_]{4,128})$/,
  },
  CreateAccountRequestId: { pattern: /^car-[a-z0-9]{8,32}$/ },
  HandshakeId: { pattern: /^h-[0-9a-z]{8,32}$/ },
  Name: { pattern: ANY, shortest: 1, longest: 128 },
  Description: { pattern: ANY, longest: 512 },
  Content: { pattern: ANY, shortest: 1, longest: 1_000_000 },
  AccountName: { pattern: /^[\x20-\x7e]+$/, shortest: 1, longest: 50 },
  Email: {
    pattern: /^[^\s"'()[\]:;,\\|%&@.][^\s"'()[\]:;,\\|%&@]*@[a-z0-9][a-z0-9-]*(\.[a-z0-9-]*[a-z0-9])+$/i,
    shortest: 6,
    longest: 64,
    reason: 'INVALID_EMAIL_ADDRESS_TARGET',
  },
  RoleName: { pattern: /^[\w+=,.@-]{1,64}$/, reason: 'INVALID_ROLE_NAME' },
  ServicePrincipal: {
    pattern: /^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$/,
    shortest: 1,
    longest: 128,
    reason: 'UNRECOGNIZED_SERVICE_PRINCIPAL',
  },
  Notes: { pattern: ANY, longest: 1024 },
};

/** Checks what can be checked before anybody is asked for permission. */
export function requireInput(input: Record<string, unknown>): void {
  for (const [member, value] of Object.entries(input))
    if (typeof value === 'string' && Object.hasOwn(RULES, member)) requireText(member, value, RULES[member]!);
}

function requireText(member: string, value: string, rule: Rule): void {
  const { pattern, shortest = 0, longest = Infinity, reason = 'INVALID_PATTERN' } = rule;
  if (value.length < shortest)
    throw invalidInput('MIN_LENGTH_EXCEEDED', `\`${member}\` has at least ${shortest} characters.`);
  if (value.length > longest)
    throw invalidInput('MAX_LENGTH_EXCEEDED', `\`${member}\` has at most ${longest} characters.`);
  if (!pattern.test(value)) throw invalidInput(reason, `\`${member}\` does not match ${pattern.source}`);
}
