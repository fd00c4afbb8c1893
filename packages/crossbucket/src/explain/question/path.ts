import type { ContextValue, SessionFacts } from '@crossbucket/policy';
import type { PathCall, Situation } from '../core/situation.ts';
import type { Operation } from './operation.ts';

/** Who makes a call, and how. */
export interface Route {
  /** ARN of a user, role, session, federated user or account root; `*` for nobody in particular. */
  principal: string;
  session?: SessionFacts | undefined;
  /** Roles that are assumed, one after the other. */
  via: readonly RoleStep[];
  operation: Operation;
  /** Condition keys that are known, of every call of the path. */
  context?: Readonly<Record<string, ContextValue>> | undefined;
  /** False where all of the context is known, as from a record: what it does not have is not there. */
  open?: boolean | undefined;
  /** ISO 8601. */
  now: string;
}

export interface RoleStep {
  roleArn: string;
  /** Further members of the AssumeRole's input. */
  input?: Readonly<Record<string, unknown>> | undefined;
}

/** Who calls what, as a path of calls. */
export function pathOf({
  principal,
  session,
  via,
  operation,
  context = {},
  open = true,
  now,
}: Route): Pick<Situation, 'caller' | 'calls'> {
  const known = { ...assumedKeys(now), ...context };
  const caller = callerOf(principal, session);
  const calls: PathCall[] = via.map(({ roleArn, input = {} }, index) => ({
    service: 'sts',
    operation: 'AssumeRole',
    input: { RoleArn: roleArn, ...input },
    context: known,
    ...(open && { unknown: untold(known, input, [...keysOfCaller(caller, index), ...ASSUME_ROLE_KEYS]) }),
  }));
  const isAssume = operation.service === 'sts';
  calls.push({
    ...operation,
    context: operation.service === 's3' ? { ...S3_DEFAULTS, ...known } : known,
    ...(open && {
      unknown: untold(known, operation.input, [
        ...keysOfCaller(caller, via.length),
        ...(isAssume ? ASSUME_ROLE_KEYS : []),
      ]),
    }),
  });
  return { caller, calls };
}

/** No session of a role tells of a second factor; of that of a user, nobody knows. */
function callerOf(principal: string, session: SessionFacts | undefined): Situation['caller'] {
  const arn = asCaller(principal);
  const facts = session ?? (arn.includes(':assumed-role/') ? { mfa: false } : undefined);
  return { principal: arn, ...(facts && { session: facts }) };
}

/** Nobody calls as a role, only as a session of it. */
export function asCaller(principal: string): string {
  const [, partition, account, name] =
    /^arn:([^:]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(principal) ?? [];
  return name === undefined ? principal : `arn:${partition}:sts::${account}:assumed-role/${name}/session`;
}

/** What is so unless somebody says otherwise. */
export const assumedKeys = (now: string): Record<string, ContextValue> => ({
  'aws:SecureTransport': true,
  'aws:CurrentTime': now,
  'aws:EpochTime': Math.floor(Date.parse(now) / 1000),
  'aws:ViaAWSService': false,
});

/** How SDKs call S3. */
const S3_DEFAULTS: Record<string, ContextValue> = {
  's3:authType': 'REST-HEADER',
  's3:signatureversion': 'AWS4-HMAC-SHA256',
  's3:signatureAge': 0,
  's3:TlsVersion': '1.3',
};

type UntoldKey = readonly [key: string, member?: string];

/** Keys that follow from how a call is sent, which a question seldom tells. */
const SENT_KEYS: readonly UntoldKey[] = [
  ['aws:SourceIp'],
  ['aws:VpcSourceIp'],
  ['aws:SourceVpc'],
  ['aws:SourceVpce'],
  ['aws:UserAgent'],
  ['aws:Referer'],
];

/** Keys of an AssumeRole, with the members that tell them. */
const ASSUME_ROLE_KEYS: readonly UntoldKey[] = [
  ['sts:ExternalId', 'ExternalId'],
  ['sts:RoleSessionName', 'RoleSessionName'],
  ['sts:SourceIdentity', 'SourceIdentity'],
  ['aws:RequestTag/*', 'Tags'],
  ['aws:TagKeys', 'Tags'],
  ['sts:TransitiveTagKeys', 'TransitiveTagKeys'],
];

/** What nobody knows of who begins; the sessions that the path makes are known. */
function keysOfCaller({ principal, session }: Situation['caller'], index: number): readonly UntoldKey[] {
  if (index > 0) return SENT_KEYS;
  const isRole = principal.includes(':assumed-role/');
  return [
    ...SENT_KEYS,
    ...(isRole ? [] : ([['aws:MultiFactorAuthPresent'], ['aws:MultiFactorAuthAge']] as const)),
    ...(isRole && session?.issuedAt === undefined
      ? ([['aws:TokenIssueTime'], ['aws:SourceIdentity']] as const)
      : []),
  ];
}

/** The keys that neither the context nor the input tells. */
function untold(
  context: Readonly<Record<string, unknown>>,
  input: Readonly<Record<string, unknown>>,
  keys: readonly UntoldKey[],
): string[] {
  const told = new Set(Object.keys(context).map((key) => key.toLowerCase()));
  const isTold = ([key, member]: UntoldKey) =>
    told.has(key.toLowerCase()) || (member !== undefined && input[member] !== undefined);
  return keys.filter((key) => !isTold(key)).map(([key]) => key);
}
