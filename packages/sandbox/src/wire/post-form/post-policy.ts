import { AwsError } from '../errors.ts';

/**
 * What a signed form may hold.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export interface PostPolicy {
  /** Milliseconds since 1970. */
  expiration: number;
  conditions: PostCondition[];
  /** Of the file, in bytes. */
  size?: { least: number; most: number };
}

interface PostCondition {
  kind: 'eq' | 'starts-with';
  /** In lower case. */
  field: string;
  value: string;
  /** As the policy has it, for the error. */
  source: readonly unknown[];
}

/** Fields that need no condition, besides those whose names start with `x-ignore-`. */
const FREE = new Set(['x-amz-signature', 'awsaccesskeyid', 'signature', 'file', 'policy']);

/** Reads the `policy` field of a form: JSON in base64. */
export function readPostPolicy(text: string): PostPolicy {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
  } catch (cause) {
    throw invalid('Invalid JSON.', cause);
  }
  if (typeof document !== 'object' || document === null) throw invalid('Invalid JSON.');
  const { expiration, conditions } = document as Record<string, unknown>;
  if (expiration === undefined) throw invalid('Policy missing expiration.');
  if (conditions === undefined) throw invalid('Policy missing conditions.');
  const expires =
    typeof expiration === 'string' && ISO_8601.test(expiration) ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(expires)) throw invalid(`Invalid 'expiration' value: '${String(expiration)}'`);
  if (!Array.isArray(conditions)) throw invalid('Invalid "conditions" value: must be a list.');
  const policy: PostPolicy = { expiration: expires, conditions: [] };
  for (const condition of conditions as unknown[]) {
    const range = sizeOf(condition);
    if (range) policy.size = range;
    else policy.conditions.push(...readCondition(condition));
  }
  return policy;
}

const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

function sizeOf(condition: unknown): PostPolicy['size'] {
  if (!Array.isArray(condition) || kindOf(condition) !== 'content-length-range') return undefined;
  const [least, most] = condition.slice(1).map(Number);
  if (condition.length !== 3 || !isSize(least) || !isSize(most))
    throw invalid(`Invalid content-length-range: ${JSON.stringify(condition)}`);
  return { least: least!, most: most! };
}

const isSize = (value: number | undefined): boolean => Number.isSafeInteger(value) && value! >= 0;

/** How a condition matches, whatever its case. */
const kindOf = ([kind]: readonly unknown[]): string => String(kind).toLowerCase();

function readCondition(condition: unknown): PostCondition[] {
  if (Array.isArray(condition)) {
    const [, name, value] = condition as unknown[];
    const kind = kindOf(condition);
    const isKnown = kind === 'eq' || kind === 'starts-with';
    if (
      condition.length !== 3 ||
      !isKnown ||
      typeof name !== 'string' ||
      !name.startsWith('$') ||
      !isText(value)
    )
      throw invalid(`Invalid condition: ${JSON.stringify(condition)}`);
    return [{ kind, field: name.slice(1).toLowerCase(), value: String(value), source: condition }];
  }
  if (typeof condition !== 'object' || condition === null || Object.keys(condition).length === 0)
    throw invalid(`Invalid condition: ${JSON.stringify(condition)}`);
  return Object.entries(condition).map(([name, value]) => {
    if (!isText(value)) throw invalid(`Invalid condition: ${JSON.stringify(condition)}`);
    return { kind: 'eq', field: name.toLowerCase(), value: String(value), source: ['eq', `$${name}`, value] };
  });
}

const isText = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number';

/**
 * Holds a form against its policy; its file's size is checked while that is read.
 * @param now Real time: a form expires as a presigned URL does.
 * @throws AwsError `AccessDenied`
 */
export function checkPostPolicy(
  policy: PostPolicy,
  fields: ReadonlyMap<string, string>,
  bucket: string,
  now: number,
): void {
  if (policy.expiration <= now) throw denied('Policy expired.');
  const values = new Map([...fields, ['bucket', bucket]]);
  for (const condition of policy.conditions)
    if (!holds(condition, values.get(condition.field)))
      throw denied(
        `Policy Condition failed: [${condition.source.map((part) => JSON.stringify(part)).join(', ')}]`,
      );
  const named = new Set(policy.conditions.map(({ field }) => field));
  // The bucket too, which the form may leave out: https://github.com/aws/aws-sdk-php/issues/3292
  const extra = [...values.keys()].filter(
    (field) => !named.has(field) && !FREE.has(field) && !field.startsWith('x-ignore-'),
  );
  if (extra.length > 0) throw denied(`Extra input fields: ${extra.join(', ')}`);
}

function holds({ kind, field, value }: PostCondition, actual: string | undefined): boolean {
  if (actual === undefined) return false;
  if (kind === 'eq') return actual === value;
  // Each of a list of types must begin so.
  const texts = field === 'content-type' ? actual.split(',').map((text) => text.trim()) : [actual];
  return texts.every((text) => text.startsWith(value));
}

const invalid = (message: string, cause?: unknown): AwsError =>
  new AwsError('InvalidPolicyDocument', `Invalid Policy: ${message}`, { cause });

const denied = (message: string): AwsError =>
  new AwsError('AccessDenied', `Invalid according to Policy: ${message}`, { status: 403 });
