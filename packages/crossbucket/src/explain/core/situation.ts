import type { ApiCall, NamedPolicy, PolicyDocument, SessionFacts, World } from '@crossbucket/policy';

/** All that an answer follows from, as data: accounts, who calls what, and what is known besides. */
export interface Situation {
  world: World;
  /** Who begins, before any role is assumed. */
  caller: { principal: string; session?: SessionFacts };
  /** Each but the last is an AssumeRole, whose session makes the next. */
  calls: PathCall[];
  facts: Facts;
  /** What may be so as well: its causes are told, each with what keeps it from counting. */
  possibilities?: Possibility[];
}

/** Something of the call that nobody told, and that may be one of a few things. */
export interface Possibility {
  /** `the client of S3 is made for region eu-west-1` */
  unless: string;
  facts?: Partial<Facts>;
  /** Of the call itself. */
  context?: Record<string, string>;
}

/** The situation with a possibility taken for so. */
export const supposing = (situation: Situation, { facts, context }: Possibility): Situation => ({
  ...situation,
  facts: { ...situation.facts, ...facts },
  calls: situation.calls.map((call) =>
    context === undefined ? call : { ...call, context: { ...call.context, ...context } },
  ),
});

export type PathCall = Omit<ApiCall, 'principal' | 'session'>;

/** What no policy says. What is left out is not known. */
export interface Facts {
  /** ISO 8601. */
  now: string;
  /** What AWS makes of the caller's credentials, where it refuses them. */
  credentials?: { code: 'credentials-expired' | 'credentials-invalid' | 'clock-skew'; detail: string };
  /** The region that the client of S3 signs for. */
  region?: string;
  /** Region of the bucket, where S3 has told it and nobody could read the bucket. */
  bucketRegion?: string;
  /** STS gives no credentials of these accounts in the region that it is asked in. */
  stsDisabled?: { account: string; region: string };
  /** No account has a bucket of this name. */
  bucketMissing?: true;
  objectMissing?: true;
  lock?: LockFacts;
  /** Names of buckets that the question may have meant. */
  otherBuckets?: string[];
  /** Documents of managed session policies, by ARN. */
  managedPolicies?: Record<string, NamedPolicy>;
  /** Whose inline policy each is: a group's, where it is not here. */
  holders?: ReadonlyMap<NamedPolicy, { kind: 'user' | 'role' | 'group'; name: string }[]>;
}

/** Of one version of an object. */
export interface LockFacts {
  mode?: 'GOVERNANCE' | 'COMPLIANCE';
  /** ISO 8601. */
  until?: string;
  legalHold?: boolean;
}

/** The calls of a situation, each with who makes it. */
export function callsOf({ caller, calls, facts }: Situation): ApiCall[] {
  let by: Situation['caller'] = caller;
  return calls.map((call, index) => {
    const made: ApiCall = { ...call, ...by };
    if (index < calls.length - 1) by = sessionOf(made, facts);
    return made;
  });
}

const ROLE = /^arn:([^:]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/;

/** The session that an AssumeRole makes. */
function sessionOf(call: ApiCall, facts: Facts): Situation['caller'] {
  const { RoleArn, RoleSessionName = 'session', SourceIdentity, Tags, TransitiveTagKeys } = call.input;
  const [, partition = 'aws', account = '', name = ''] = ROLE.exec(String(RoleArn)) ?? [];
  const before = call.session;
  const kept = (before?.transitiveTags ?? []).map((key): [string, string] => [
    key,
    before?.tags?.[key] ?? '',
  ]);
  const tags = Object.fromEntries([...kept, ...pairsOf(Tags)]);
  const transitiveTags = [
    ...(before?.transitiveTags ?? []),
    ...(Array.isArray(TransitiveTagKeys) ? TransitiveTagKeys.map(String) : []),
  ];
  const sourceIdentity = SourceIdentity ?? before?.sourceIdentity;
  const policies = sessionPolicies(call.input, facts);
  return {
    principal: `arn:${partition}:sts::${account}:assumed-role/${name}/${String(RoleSessionName)}`,
    session: {
      issuedAt: facts.now,
      // However it is made, an assumed role's session tells nothing of a second factor.
      // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
      mfa: false,
      ...(policies.length > 0 && { policies }),
      ...(Object.keys(tags).length > 0 && { tags }),
      ...(transitiveTags.length > 0 && { transitiveTags }),
      ...(typeof sourceIdentity === 'string' && { sourceIdentity }),
    },
  };
}

function pairsOf(tags: unknown): [string, string][] {
  if (!Array.isArray(tags)) return [];
  return (tags as { Key?: unknown; Value?: unknown }[]).map(({ Key, Value }) => [String(Key), String(Value)]);
}

const NOTHING: PolicyDocument = { Version: '2012-10-17', Statement: [] };

/** Inline and managed session policies of an AssumeRole, in one list. */
export function sessionPolicies({ Policy, PolicyArns }: ApiCall['input'], facts: Facts): NamedPolicy[] {
  const inline = typeof Policy === 'string' ? [{ name: SESSION_POLICY, document: parsed(Policy) }] : [];
  const arns = Array.isArray(PolicyArns) ? (PolicyArns as { arn?: unknown }[]) : [];
  const managed = arns.map(({ arn }) => {
    const known = facts.managedPolicies?.[String(arn)];
    return known ?? { name: String(arn), arn: String(arn), document: NOTHING };
  });
  return [...inline, ...managed];
}

export const SESSION_POLICY = 'session policy';

function parsed(text: string): PolicyDocument {
  try {
    return JSON.parse(text) as PolicyDocument;
  } catch {
    return NOTHING;
  }
}

/** The situation with every key that nobody told taken as absent: a call from anywhere, with nothing added. */
export function plainly(situation: Situation): Situation {
  const known = PLAIN.get(situation);
  if (known !== undefined) return known;
  const plain = { ...situation, calls: situation.calls.map((call) => ({ ...call, unknown: [] })) };
  PLAIN.set(situation, plain);
  return plain;
}

const PLAIN = new WeakMap<Situation, Situation>();
