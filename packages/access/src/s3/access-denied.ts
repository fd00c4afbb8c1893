import type { CauseCode, Layer } from '@crossbucket/policy';

/** What an AccessDenied message says. S3 says why only to callers of the same account or organization. */
export interface Denial {
  /** The message itself, unescaped. */
  message: string;
  /** `bare` when the message gives no principal and no action. */
  form: 'bare' | 'full';
  /** ARN of the caller. */
  principal?: string;
  /** `s3:GetObject` */
  action?: string;
  /** ARN, as the message has it. */
  resource?: string;
  reason?: DenialReason;
}

export interface DenialReason {
  kind: 'missing-allow' | 'explicit-deny' | 'public-access-block';
  /** The layer that decided. AWS names one even when several deny. */
  layer: Layer;
  cause: CauseCode;
  /** ARN of the policy that denies, where the message has it. */
  policyArn?: string;
  /** `BlockPublicPolicy`, ... */
  setting?: string;
}

/**
 * Reads an AccessDenied from an error of any AWS SDK, an error document, or a message in a log; undefined for anything
 * else. Never throws, and takes time in proportion to the text.
 */
export function parseAccessDenied(error: unknown): Denial | undefined {
  try {
    return typeof error === 'string' ? parseText(error) : parseError(error);
  } catch {
    // A hostile getter or proxy.
    return undefined;
  }
}

const DENIED_CODES = new Set(['AccessDenied', 'AccessDeniedException', 'Forbidden', '403']);

function parseError(error: unknown): Denial | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { name, code, Code, message, errorMessage } = error as Record<string, unknown>;
  const text = [message, errorMessage].find((value): value is string => typeof value === 'string') ?? '';
  const full = parseText(text);
  if (full) return full;
  const denied = [name, code, Code].some((value) => DENIED_CODES.has(String(value)));
  // The answer to a HEAD has no body, and SDKs make an error without a known name of it.
  const bodiless = statusOf(error) === 403 && /^(?:|unknown|unknownerror)$/i.test(text);
  return denied || bodiless ? { message: text, form: 'bare' } : undefined;
}

function statusOf(error: object): unknown {
  const { $metadata, statusCode } = error as {
    $metadata?: { httpStatusCode?: unknown };
    statusCode?: unknown;
  };
  return $metadata?.httpStatusCode ?? statusCode;
}

function parseText(raw: string): Denial | undefined {
  const text = plainText(raw);
  return parseFull(text) ?? (BARE.test(text.trim()) ? { message: text.trim(), form: 'bare' } : undefined);
}

const BARE = /^(?:access ?denied|forbidden|403 forbidden)\.?$/i;

function between(text: string, start: string, end: string): string | undefined {
  const from = text.indexOf(start);
  if (from < 0) return undefined;
  const to = text.indexOf(end, from);
  return text.slice(from + start.length, to < 0 ? undefined : to);
}

function plainText(raw: string): string {
  const code = between(raw, '<Code>', '</Code>');
  const inXml = code === undefined ? undefined : between(raw, '<Message>', '</Message>');
  if (inXml !== undefined) return unescapeHtml(inXml);
  if (code !== undefined) return code;
  return ESCAPED_RESOURCE.some((mark) => raw.includes(mark)) ? unescapeHtml(raw) : raw;
}

const ESCAPED_RESOURCE = ['on resource: &quot;', 'on resource: &#34;', 'on resource: &#x22;'];

const ENTITIES: Record<string, string> = { quot: '"', amp: '&', lt: '<', gt: '>', apos: "'" };

function unescapeHtml(text: string): string {
  return text.replaceAll(
    /&(?:(quot|amp|lt|gt|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi,
    (whole, name, decimal, hex) => {
      if (name) return ENTITIES[String(name).toLowerCase()] ?? whole;
      const point = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
}

const MARK = ' is not authorized to perform: ';
const REASONS = [' because ', ' with an explicit deny'];

/** `User: ARN is not authorized to perform: ACTION[ on resource: ...][ because ...| with an explicit deny ...]` */
function parseFull(text: string): Denial | undefined {
  const mark = text.indexOf(MARK);
  const user = mark < 0 ? -1 : text.lastIndexOf('User: ', mark);
  if (user < 0) return undefined;
  const after = text.slice(mark + MARK.length);
  const action = /^[\w-]{1,64}:[\w*]{1,128}/.exec(after)?.[0];
  const [resource, tail] = splitResource(after.slice(action?.length ?? 0));
  return {
    message: text.slice(user).trim(),
    form: 'full',
    principal: text.slice(user + 6, mark).trim() || undefined,
    action,
    resource,
    reason: reasonOf(tail),
  };
}

function splitResource(text: string): [resource: string | undefined, tail: string] {
  const prefix = ' on resource: ';
  if (!text.startsWith(prefix)) return [undefined, text];
  const rest = text.slice(prefix.length);
  const quoted = rest.startsWith('"');
  const ends = REASONS.map((reason) => rest.lastIndexOf((quoted ? '"' : '') + reason)).filter(
    (end) => end > 0,
  );
  const closing = quoted ? rest.lastIndexOf('"') : -1;
  // The last mark, because a key may hold quotes and the very words of a reason.
  const end = ends.length > 0 ? Math.max(...ends) : closing > 0 ? closing : unquotedEnd(rest, quoted);
  const resource = rest.slice(quoted ? 1 : 0, end).trim();
  return [resource || undefined, rest.slice(end)];
}

function unquotedEnd(rest: string, quoted: boolean): number {
  if (quoted) return rest.length;
  const ends = ['\n', ' (Service: '].map((mark) => rest.indexOf(mark)).filter((end) => end >= 0);
  return Math.min(rest.length, ...ends);
}

type PolicyLayer = { layer: Layer; missing?: CauseCode; explicit: CauseCode };

const layer = (name: Layer, prefix: string): PolicyLayer => ({
  layer: name,
  missing: name === 'rcp' ? undefined : (`${prefix}-missing-allow` as CauseCode),
  explicit: `${prefix}-explicit-deny` as CauseCode,
});

const POLICY_TYPES: [name: string, PolicyLayer][] = [
  ['identity-based policy', layer('identity-policy', 'identity-policy')],
  ['resource-based policy', layer('resource-policy', 'resource-policy')],
  ['permissions boundary', layer('boundary', 'boundary')],
  ['session policy', layer('session-policy', 'session-policy')],
  ['sessions policy', layer('session-policy', 'session-policy')],
  ['service control policy', layer('scp', 'scp')],
  ['resource control policy', layer('rcp', 'rcp')],
  ['VPC endpoint policy', layer('vpc-endpoint-policy', 'vpc-endpoint-policy')],
  ['role trust policy', layer('trust-policy', 'trust-policy')],
];

const MISSING = ' because no ';
const EXPLICIT = ' with an explicit deny';
const PUBLIC = ' are prevented by the ';

function reasonOf(tail: string): DenialReason | undefined {
  const missing = tail.indexOf(MISSING);
  const type = missing < 0 ? undefined : policyType(tail.slice(missing + MISSING.length));
  if (type?.missing) return { kind: 'missing-allow', layer: type.layer, cause: type.missing };
  const explicit = tail.indexOf(EXPLICIT);
  if (explicit >= 0) return explicitReason(tail.slice(explicit + EXPLICIT.length));
  const setting = /^\w{1,40}/.exec(tail.slice(Math.max(tail.indexOf(PUBLIC), 0) + PUBLIC.length))?.[0];
  if (!tail.includes(' because public ') || !tail.includes(PUBLIC)) return undefined;
  return { kind: 'public-access-block', layer: 'public-access-block', cause: 'public-access-block', setting };
}

function explicitReason(text: string): DenialReason | undefined {
  const rest = text.replace(/^(?: in)?(?: transitively through)?(?: (?:an|a|the))? /, '');
  const type = policyType(rest);
  if (!type) return undefined;
  const policyArn = /^[^:]{1,40}: (arn:\S{1,2048})/.exec(rest)?.[1]?.replace(/[.,;]$/, '');
  return { kind: 'explicit-deny', layer: type.layer, cause: type.explicit, policyArn };
}

/** A message may be cut off anywhere: the start of a name counts when it can mean one layer only. */
function policyType(text: string): PolicyLayer | undefined {
  const whole = POLICY_TYPES.find(([name]) => text.startsWith(name));
  if (whole) return whole[1];
  const cut = text.replace(/\.{3}$|…$/, '');
  const started = cut.length > 0 ? POLICY_TYPES.filter(([name]) => name.startsWith(cut)) : [];
  const layers = new Set(started.map(([, type]) => type.layer));
  return layers.size === 1 ? started[0]![1] : undefined;
}
