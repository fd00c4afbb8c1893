import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAccessDenied } from './access-denied.ts';

const user = 'arn:aws:iam::111111111111:user/app';
const head = `User: ${user} is not authorized to perform: s3:GetObject`;
const resource = 'arn:aws:s3:::acme-reports/2026/q1 results.csv';
const onResource = `${head} on resource: "${resource}"`;
const policyArn = 'arn:aws:organizations::333333333333:policy/o-abc/service_control_policy/p-123';

describe('the reason', () => {
  const types: [string, string, string][] = [
    ['identity-based policy', 'identity-policy', 'identity-policy'],
    ['resource-based policy', 'resource-policy', 'resource-policy'],
    ['permissions boundary', 'boundary', 'boundary'],
    ['session policy', 'session-policy', 'session-policy'],
    ['sessions policy', 'session-policy', 'session-policy'],
    ['service control policy', 'scp', 'scp'],
    ['VPC endpoint policy', 'vpc-endpoint-policy', 'vpc-endpoint-policy'],
    ['role trust policy', 'trust-policy', 'trust-policy'],
  ];

  test.each(types)('no %s allows it', (type, layer, prefix) => {
    expect(parseAccessDenied(`${onResource} because no ${type} allows the s3:GetObject action`)).toEqual({
      message: `${onResource} because no ${type} allows the s3:GetObject action`,
      form: 'full',
      principal: user,
      action: 's3:GetObject',
      resource,
      reason: { kind: 'missing-allow', layer, cause: `${prefix}-missing-allow` },
    });
  });

  test.each([...types, ['resource control policy', 'rcp', 'rcp']])(
    'a %s denies it',
    (type, layer, prefix) => {
      for (const article of ['a', 'an', 'the']) {
        expect(parseAccessDenied(`${onResource} with an explicit deny in ${article} ${type}`)).toMatchObject({
          resource,
          reason: { kind: 'explicit-deny', layer, cause: `${prefix}-explicit-deny`, policyArn: undefined },
        });
      }
      expect(
        parseAccessDenied(`${onResource} with an explicit deny in a ${type}: ${policyArn}`),
      ).toMatchObject({
        reason: { layer, policyArn },
      });
    },
  );

  test.each([
    'with an explicit deny transitively through a',
    'with an explicit deny in a transitively through a',
  ])('an SCP that denies it %s service control policy', (words) => {
    expect(parseAccessDenied(`${onResource} ${words} service control policy`)).toMatchObject({
      resource,
      reason: { kind: 'explicit-deny', layer: 'scp', cause: 'scp-explicit-deny' },
    });
  });

  test.each([
    ['policies', 'BlockPublicPolicy'],
    ['ACLs', 'BlockPublicAcls'],
  ])('public %s are prevented', (what, setting) => {
    const text = `User: ${user} is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::b" because public ${what} are prevented by the ${setting} setting in S3 Block Public Access.`;
    expect(parseAccessDenied(text)).toMatchObject({
      resource: 'arn:aws:s3:::b',
      reason: {
        kind: 'public-access-block',
        layer: 'public-access-block',
        cause: 'public-access-block',
        setting,
      },
    });
  });

  test('is left out across organizations', () => {
    const role = 'arn:aws:iam::222222222222:role/reader';
    const text = `User: ${user} is not authorized to perform: sts:AssumeRole on resource: ${role}`;
    expect(parseAccessDenied(text)).toEqual({
      message: text,
      form: 'full',
      principal: user,
      action: 'sts:AssumeRole',
      resource: role,
      reason: undefined,
    });
  });
});

describe('the resource', () => {
  test.each([
    ['is unquoted in IAM', ' on resource: user bob smith', 'user bob smith'],
    ['may be left out', '', undefined],
    ['may be unnamed', ' on this resource', undefined],
    ['may hold quotes', ' on resource: "arn:aws:s3:::b/say "hi" twice"', 'arn:aws:s3:::b/say "hi" twice'],
    [
      'may hold the words of a reason',
      ' on resource: "arn:aws:s3:::b/x because no y"',
      'arn:aws:s3:::b/x because no y',
    ],
    [
      'may hold the whole phrase',
      ' on resource: "arn:aws:s3:::b/" with an explicit deny in a session policy"',
      'arn:aws:s3:::b/" with an explicit deny in a session policy',
    ],
    [
      'may hold non-ASCII',
      ' on resource: "arn:aws:s3:::b/Zürich/日本.csv"',
      'arn:aws:s3:::b/Zürich/日本.csv',
    ],
  ])('%s', (_, words, expected) => {
    const text = `${head}${words} because no identity-based policy allows the s3:GetObject action`;
    expect(parseAccessDenied(text)).toMatchObject({
      action: 's3:GetObject',
      resource: expected,
      reason: { cause: 'identity-policy-missing-allow' },
    });
  });

  test('of a key in KMS that nobody names stays unknown', () => {
    const text = `User: ${user} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`;
    expect(parseAccessDenied(text)).toMatchObject({
      action: 'kms:Decrypt',
      resource: undefined,
      reason: undefined,
    });
  });
});

describe('where it is found', () => {
  const message = `${onResource} because no session policy allows the s3:GetObject action`;
  const escaped = message.replaceAll('"', '&quot;');
  const parsed = {
    principal: user,
    action: 's3:GetObject',
    resource,
    reason: { cause: 'session-policy-missing-allow' },
  };

  test.each<[string, unknown]>([
    [
      'an error of the SDK v3',
      Object.assign(new Error(message), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }),
    ],
    ['an error of the SDK v2', Object.assign(new Error(message), { code: 'AccessDenied', statusCode: 403 })],
    ['a CloudTrail record', { errorCode: 'AccessDenied', errorMessage: message }],
    [
      'the output of the AWS CLI',
      `\nAn error occurred (AccessDenied) when calling the GetObject operation: ${message}\n`,
    ],
    [
      'a body of S3',
      `<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code><Message>${escaped}</Message><RequestId>R</RequestId></Error>`,
    ],
    [
      'a body of STS',
      `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${escaped}</Message></Error></ErrorResponse>`,
    ],
    ['a page that escaped it', escaped],
    ['a page that escaped it in numbers', message.replaceAll('"', '&#34;')],
    ['a cause', new Error('upload failed', { cause: new Error(message) })],
  ])('%s', (_, input) => {
    expect(parseAccessDenied(input)).toMatchObject(parsed);
  });

  test.each<[string, unknown]>([
    ['the words alone', 'Access Denied'],
    ['with a full stop', ' AccessDenied. '],
    ['an error by name', { name: 'AccessDenied', message: 'no' }],
    ['a body', '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'],
    ['a body without message', '<Error><Code>AccessDenied</Code></Error>'],
    [
      'the answer to a HEAD',
      { name: 'Unknown', message: 'UnknownError', $metadata: { httpStatusCode: 403 } },
    ],
    ['the same in the CLI', 'An error occurred (403) when calling the HeadObject operation: Forbidden'],
    [
      'the bare message in the CLI',
      'An error occurred (AccessDenied) when calling the GetObject operation: Access Denied',
    ],
    ['a CloudTrail record', { errorCode: 'AccessDenied', errorMessage: 'Access Denied' }],
  ])('bare: %s', (_, input) => {
    const denial = parseAccessDenied(input);
    expect(denial).toMatchObject({ form: 'bare' });
    expect(denial).not.toHaveProperty('action');
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a number', 403],
    ['another error', new Error('ENOENT')],
    [
      'a missing key',
      { name: 'NoSuchKey', message: 'The specified key does not exist.', $metadata: { httpStatusCode: 404 } },
    ],
    [
      'a bad signature',
      { name: 'SignatureDoesNotMatch', message: 'does not match', $metadata: { httpStatusCode: 403 } },
    ],
    ['another body', '<Error><Code>NoSuchKey</Code><Message>Access Denied</Message></Error>'],
    ['a sentence about it', 'she wrote that access denied is the usual answer'],
    ['half a message', 'is not authorized to perform: '],
  ])('not: %s', (_, input) => {
    expect(parseAccessDenied(input)).toBeUndefined();
  });
});

test('a message that was cut off anywhere gives what is left of it, and nothing wrong', () => {
  const whole = `${onResource} because no permissions boundary allows the s3:GetObject action`;
  for (let end = head.length; end <= whole.length; end++) {
    for (const dots of ['', '...', '…']) {
      const denial = parseAccessDenied(whole.slice(0, end) + dots);
      expect(denial).toMatchObject({ form: 'full', principal: user, action: 's3:GetObject' });
      expect([undefined, 'boundary']).toContain(denial!.reason?.layer);
    }
  }
  expect(parseAccessDenied(`${onResource} because no permis`)).toMatchObject({
    reason: { layer: 'boundary' },
  });
  expect(parseAccessDenied(`${onResource} because no se`)).toMatchObject({ reason: undefined });
});

test('a link to the authorization is taken apart', () => {
  const link =
    'https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/a1b2c3';
  for (const words of [` with an explicit deny in an identity-based policy: ${policyArn}`, '']) {
    expect(parseAccessDenied(`${head} on resource: ${resource}${words}. Go to ${link}.`)).toMatchObject({
      resource,
      authorizationId: 'a1b2c3',
      ...(words && { reason: { policyArn } }),
    });
  }
});

test('hostile objects do not throw', () => {
  const throwing = {
    get message(): string {
      throw new Error('gotcha');
    },
  };
  const circular: { cause?: unknown; message: string } = { message: 'x' };
  circular.cause = circular;
  for (const input of [
    throwing,
    circular,
    new Proxy({}, { get: () => throwing.message }),
    JSON.parse('{"__proto__":{"name":"AccessDenied"}}'),
  ]) {
    expect(parseAccessDenied(input)).toBeUndefined();
  }
});

test('never throws, and takes any text', () => {
  const pieces = [
    'User: ',
    ' is not authorized to perform: ',
    's3:GetObject',
    ' on resource: "',
    '"',
    ' because no ',
    'session policy',
    ' with an explicit deny',
    '<Code>',
    '</Code>',
    '<Message>',
    '&quot;',
    '&#x110000;',
    '\n',
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string())).map((parts) => parts.join(''));
  fc.assert(fc.property(text, (input) => (parseAccessDenied(input), true)));
  fc.assert(fc.property(fc.anything(), (input) => (parseAccessDenied(input), true)));
});

test('any key comes back as it was', () => {
  const key = fc.string({ minLength: 1, unit: 'grapheme' }).filter((k) => k.trim() === k && !k.includes('&'));
  fc.assert(
    fc.property(key, (k) => {
      const text = `${head} on resource: "arn:aws:s3:::b/${k}" because no identity-based policy allows the s3:GetObject action`;
      expect(parseAccessDenied(text)!.resource).toBe(`arn:aws:s3:::b/${k}`);
    }),
  );
});

test.each([
  ['quotes', '"'],
  ['reasons', '" because no '],
  ['users', 'User: '],
  ['marks', ' is not authorized to perform: '],
  ['entities', '&quot;'],
  ['half entities', '&#'],
  ['tags', '<Code>'],
  ['spaces', ' '],
  ['letters', 'a'],
])('megabytes of %s are read in one pass', (_, piece) => {
  const much = piece.repeat(4_000_000 / piece.length);
  for (const text of [
    much,
    `${onResource}${much}`,
    `${head} on resource: ${much}`,
    `User: ${much} is not authorized to perform: ${much}`,
  ]) {
    expect(() => parseAccessDenied(text)).not.toThrow();
  }
});
