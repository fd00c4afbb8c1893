// Texts for `parsePolicy`, most of them broken: documents put together at random, and right ones with changes.

/** Numbers that a seed determines (xorshift32). */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0 || 1;
  }

  /** From 0 to `below` - 1. */
  number(below: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % below;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.number(from.length)]!;
  }
}

const SEEDS = [
  '{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"A1","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:root","222222222222"],"Service":"s3.amazonaws.com"},"Action":["s3:GetObject","s3:List*"],"Resource":["arn:aws:s3:::acme","arn:aws:s3:::acme/${aws:username}/*"],"Condition":{"StringLike":{"s3:prefix":["a/*",""]},"Bool":{"aws:SecureTransport":true},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}]}',
  '{\n  "Version": "2012 - 10 - 17",\n  "Statement": {\n    "Effect": "Deny",\n    "NotPrincipal": "*",\n    "NotAction": "iam:*",\n    "NotResource": "*"\n  }\n}\n',
  '{"Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111111111111:saml-provider/x"},"Action":"sts:AssumeRoleWithSAML","Condition":{"ForAllValues:StringEqualsIfExists":{"saml:aud":["\\u0041\\n","b"]},"Null":{"sts:ExternalId":"false"},"DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"},"NumericLessThan":{"s3:max-keys":10}}}]}',
];

const WORDS = [
  ' ',
  '\n',
  '\r\n',
  '\t',
  ...'{ } [ ] , : " \\ / // /* */ \' \u201C \u00A0 \uFEFF \u2028 \u{1F600} \uD800 \u0000 \\u00 \\uD83D'.split(
    ' ',
  ),
  ...'0 - 1e9 1e999 00 true null NaN undefined * ? ${ $ ${*} __proto__ constructor toString'.split(' '),
  ...'Version Statement Sid Effect Action NotAction Resource Principal Condition Allow "2012-10-17"'.split(
    ' ',
  ),
  ...'arn:aws:s3::: s3:GetObject arn:::::: AWS StringLike aws:SourceIp 111111111111'.split(' '),
];

/** A right document, or one of the seeds, with a few changes. */
export function mutated(random: Random): string {
  let text = random.pick(SEEDS);
  for (let changes = 1 + random.number(6); changes > 0; changes--) text = change(text, random);
  return text;
}

function change(text: string, random: Random): string {
  const at = random.number(text.length + 1);
  const end = Math.min(text.length, at + random.number(random.number(4) === 0 ? 200 : 4));
  switch (random.number(6)) {
    case 0:
      return text.slice(0, at) + text.slice(end);
    case 1:
      return text.slice(0, at) + random.pick(WORDS) + text.slice(at);
    case 2:
      return text.slice(0, at) + random.pick(WORDS) + text.slice(end);
    case 3:
      return text.slice(0, end) + text.slice(at);
    case 4:
      return text.slice(0, at) + String.fromCharCode(random.number(0x10000)) + text.slice(end);
    default:
      return random.number(20) === 0
        ? text.slice(0, at)
        : text.slice(0, at) + text.slice(at).toUpperCase().slice(0, 3) + text.slice(end);
  }
}

/** A right document in which some texts stand where others did: JSON, and mostly the right shape. */
export function reworded(random: Random): string {
  const share = 2 + random.number(20);
  return random
    .pick(SEEDS)
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, (text) =>
      random.number(share) === 0 ? JSON.stringify(random.pick(random.number(2) === 0 ? TEXTS : KEYS)) : text,
    );
}

/** A document of the right elements in any order, with values of any type. */
export function generated(random: Random): string {
  const members = Array.from({ length: random.number(4) }, () =>
    member(random, ['Version', 'Id', 'Statement'], 0),
  );
  return `{${members.join(',')}}`;
}

const STATEMENT = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
  'effect',
];
const KEYS = [
  'AWS',
  'Service',
  'StringEquals',
  'Null',
  'ForAnyValue:ArnLike',
  'aws:TagKeys',
  's3:prefix',
  'Bool',
  '__proto__',
];
const TEXTS = [
  'Allow',
  'Deny',
  '*',
  's3:GetObject',
  's3:*',
  's3:G?t*',
  'arn:aws:s3:::b/*',
  'arn:aws:iam::1:root',
  '2012-10-17',
  '',
  'a b',
  '${',
  '${aws:x}',
  'iam:PassRole',
];

function member(random: Random, names: readonly string[], depth: number): string {
  return `${JSON.stringify(random.pick(names))}:${value(random, depth)}`;
}

function value(random: Random, depth: number): string {
  const kind = random.number(depth > 6 ? 3 : 7);
  if (kind < 2) return JSON.stringify(random.pick(TEXTS));
  if (kind === 2) return random.pick(['1', 'true', 'null', '-1.5e3', '"\\u0000"']);
  const size = random.number(4);
  if (kind < 5) {
    const names = depth === 0 || random.number(3) > 0 ? STATEMENT : KEYS;
    return `{${Array.from({ length: size }, () => member(random, names, depth + 1)).join(',')}}`;
  }
  return `[${Array.from({ length: size }, () => value(random, depth + 1)).join(',')}]`;
}
