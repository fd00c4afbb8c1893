import type { CauseCode, Layer } from '@crossbucket/policy';
import type { Denial, DenialReason } from './access-denied.ts';

const USER = 'User: ';
const MARK = ' is not authorized to perform: ';
const RESOURCE = ' on resource: ';
const REASONS = [' because ', ' with an explicit deny'];

/**
 * `User: ARN is not authorized to perform: ACTION[ on resource: ...][ because ...| with an explicit deny ...]`, from
 * anywhere in a text and cut off anywhere after the action.
 * https://docs.amazonaws.cn/en_us/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function parseDenialMessage(text: string): Denial | undefined {
  const mark = text.indexOf(MARK);
  const user = mark < 0 ? -1 : text.lastIndexOf(USER, mark);
  if (user < 0) return undefined;
  const after = text.slice(mark + MARK.length);
  const action = /^[\w-]{1,64}:[\w*]{1,128}/.exec(after)?.[0];
  const [resource, tail] = splitResource(after.slice(action?.length ?? 0));
  return {
    message: text.slice(user).trim(),
    form: 'full',
    principal: text.slice(user + USER.length, mark).trim() || undefined,
    action,
    resource,
    reason: reasonOf(tail),
    ...authorizationId(tail),
  };
}

const LINK = '. Go to https://';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html */
function authorizationId(tail: string): Pick<Denial, 'authorizationId'> {
  const link = tail.indexOf(LINK);
  const [, id] =
    (link >= 0 && /#\/authorization-details\/(\w{1,256})/.exec(tail.slice(link, link + 1024))) || [];
  return id ? { authorizationId: id } : {};
}

/** S3 quotes the resource, whose key may hold quotes and the very words of a reason: the last mark ends it. */
function splitResource(text: string): [resource: string | undefined, tail: string] {
  if (!text.startsWith(RESOURCE)) return [undefined, text];
  const rest = text.slice(RESOURCE.length);
  const quote = rest.startsWith('"') ? '"' : '';
  const end = reasonStart(rest, quote) ?? (quote ? closingQuote(rest) : unquotedEnd(rest));
  return [rest.slice(quote.length, end).trim() || undefined, rest.slice(end)];
}

function reasonStart(rest: string, quote: string): number | undefined {
  const start = Math.max(...REASONS.map((reason) => rest.lastIndexOf(quote + reason)));
  return start > 0 ? start : undefined;
}

function closingQuote(rest: string): number {
  const closing = rest.lastIndexOf('"');
  return closing > 0 ? closing : rest.length;
}

function unquotedEnd(rest: string): number {
  const ends = ['\n', ' (Service: ', LINK].map((mark) => rest.indexOf(mark)).filter((end) => end >= 0);
  return Math.min(rest.length, ...ends);
}

const POLICY_TYPES: [name: string, layer: Layer, causePrefix: string][] = [
  ['identity-based policy', 'identity-policy', 'identity-policy'],
  ['resource-based policy', 'resource-policy', 'resource-policy'],
  ['permissions boundary', 'boundary', 'boundary'],
  ['session policy', 'session-policy', 'session-policy'],
  ['sessions policy', 'session-policy', 'session-policy'],
  ['service control policy', 'scp', 'scp'],
  ['resource control policy', 'rcp', 'rcp'],
  ['VPC endpoint policy', 'vpc-endpoint-policy', 'vpc-endpoint-policy'],
  ['role trust policy', 'trust-policy', 'trust-policy'],
];

const MISSING = ' because no ';
const EXPLICIT = ' with an explicit deny';
const PUBLIC = ' because public ';
const PREVENTED = ' are prevented by the ';

function reasonOf(tail: string): DenialReason | undefined {
  const find = (mark: string) => {
    const at = tail.indexOf(mark);
    return at < 0 ? undefined : tail.slice(at + mark.length);
  };
  const missing = find(MISSING);
  if (missing !== undefined) return policyReason('missing-allow', missing);
  const explicit = find(EXPLICIT);
  if (explicit !== undefined) return policyReason('explicit-deny', explicit.replace(LEAD, ''));
  const setting = find(PUBLIC) === undefined ? undefined : find(PREVENTED);
  if (setting === undefined) return undefined;
  const [name] = /^\w{1,40}/.exec(setting) ?? [];
  return {
    kind: 'public-access-block',
    layer: 'public-access-block',
    cause: 'public-access-block',
    setting: name,
  };
}

/** What stands between an explicit deny and the policy's type. */
const LEAD = /^(?: in)?(?: (?:an|a|the))?(?: transitively through)?(?: (?:an|a|the))? /;

function policyReason(kind: 'missing-allow' | 'explicit-deny', text: string): DenialReason | undefined {
  const type = policyType(text);
  if (!type) return undefined;
  const [, layer, prefix] = type;
  // A resource control policy only ever denies.
  if (kind === 'missing-allow' && layer === 'rcp') return undefined;
  const [, policyArn] = (kind === 'explicit-deny' && /^[^:]{1,40}: (arn:\S{1,2048})/.exec(text)) || [];
  return {
    kind,
    layer,
    cause: `${prefix}-${kind}` as CauseCode,
    policyArn: policyArn?.replace(/[.,;]$/, ''),
  };
}

/** In a message that was cut off, the start of a name counts when it can mean one layer only. */
function policyType(text: string): (typeof POLICY_TYPES)[number] | undefined {
  const whole = POLICY_TYPES.find(([name]) => text.startsWith(name));
  if (whole) return whole;
  const cut = text.slice(0, 64).replace(/(?:\.{3}|…)$/, '');
  const started = cut === '' ? [] : POLICY_TYPES.filter(([name]) => name.startsWith(cut));
  return new Set(started.map(([, layer]) => layer)).size === 1 ? started[0] : undefined;
}
