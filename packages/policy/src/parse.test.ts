import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CHECKS } from './check/check.ts';
import { type PolicyKind, parsePolicy } from './index.ts';

/** Where in the text the mark `§` stands, and the text without it. */
function marked(text: string) {
  const before = text.slice(0, text.indexOf('§')).split('\n');
  return { text: text.replace('§', ''), line: before.length, column: before.at(-1)!.length + 1 };
}

const statement = (elements: string) =>
  `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", ${elements}}}`;
const identity = (elements: string) => statement(`"Resource": "*", ${elements}`);
const bucket = (elements: string) =>
  statement(`"Principal": {"AWS": "111111111111"}, "Resource": "arn:aws:s3:::bucket/*", ${elements}`);
const principal = (value: string) =>
  statement(`"Resource": "*", "Action": "kms:Decrypt", "Principal": ${value}`);
const condition = (value: string) => identity(`"Action": "s3:GetObject", "Condition": ${value}`);
const resource = (value: string) => statement(`"Action": "s3:GetObject", "Resource": ${value}`);

type Row = [code: string, kind: PolicyKind | undefined, text: string, message: string, help: string];

// `§` stands in front of the place that the problem must name.
const ROWS: Row[] = [
  ['json-syntax', undefined, '§', 'empty', 'Close'],
  ['json-syntax', undefined, '{"Version": "2012-10-17"§', 'ends inside an object', 'Close'],
  ['json-syntax', undefined, '{"Statement": [§', 'ends inside a list', 'Close'],
  ['json-syntax', undefined, '{"Version": "2012-10-17"§, }', 'comma stands before `}`', 'Remove'],
  ['json-syntax', undefined, '{"Statement": [{}§,]}', 'comma stands before `]`', 'Remove'],
  ['json-syntax', undefined, '{"Version": "2012-10-17"\n  §"Statement": []}', 'comma is missing', 'comma'],
  ['json-syntax', undefined, '{§// note\n"Statement": []}', 'no comments', 'Remove'],
  ['json-syntax', undefined, "{§'Statement': []}", "`'` quotes", 'straight double quotes'],
  ['json-syntax', undefined, '{§\u201CStatement\u201D: []}', 'quotes', 'straight double quotes'],
  ['json-syntax', undefined, '{§Statement: []}', 'not in quotes', '"Statement"'],
  ['json-syntax', undefined, '{"Statement" §[]}', 'colon is missing', '"Name": value'],
  ['json-syntax', undefined, '{"Statement": §Allow}', 'not a JSON value', 'double quotes'],
  ['json-syntax', undefined, '{"Statement": §0123}', 'not a JSON value', 'double quotes'],
  ['json-syntax', undefined, '{"Statement": §"x\n"}', 'not closed', 'Close it'],
  ['json-syntax', undefined, '{"Statement": "a§\\d"}', 'escape', '`\\\\`'],
  ['json-syntax', undefined, '{"Statement": "a§\t"}', 'control character', '`\\t`'],
  ['json-syntax', undefined, '{"Statement": []} §{}', 'more text', 'one JSON object'],
  ['json-syntax', undefined, '{"Statement": [§}]}', 'not a JSON value', ''],
  ['json-syntax', undefined, '{"Statement": [{}§}', 'a list is still open', '`]`'],
  ['json-syntax', undefined, '{§\u00A0"Statement": []}', 'space of a kind', 'plain space'],
  [
    'duplicate-key',
    undefined,
    identity('"Action": "s3:*", §"Action": "sts:*"'),
    '`Action` is there twice',
    'Keep one',
  ],
  ['wrong-type', undefined, '§[]', 'a list stands where a policy should', 'object'],
  ['wrong-type', undefined, '{"Statement": [§"Allow"]}', 'where a statement should', 'object'],
  ['wrong-type', undefined, identity('"Action": ["s3:*", §7]'), '`7`, a number', 'text'],
  ['wrong-type', undefined, principal('{"AWS": §111111111111}'), '`111111111111`, a number', 'text'],
  ['wrong-type', undefined, principal('§null'), '`null`', '`"*"`'],
  ['wrong-type', undefined, condition('{"Bool": §"aws:SecureTransport"}'), 'keys and values', 'OPERATOR'],
  ['unknown-element', undefined, '{"Statement": [], §"version": "2012-10-17"}', '`version`', '`Version`'],
  [
    'unknown-element',
    undefined,
    identity('"Action": "s3:*", §"Conditions": {}'),
    '`Conditions`',
    '`Condition`',
  ],
  ['missing-element', undefined, '§{"Version": "2012-10-17"}', 'no `Statement`', 'Add'],
  ['missing-element', undefined, '{"Statement": §{"Action": "s3:*"}}', 'no `Effect`', '"Effect": "Allow"'],
  ['missing-element', undefined, '{"Statement": §{"Effect": "Deny"}}', 'no `Action`', 'Add'],
  [
    'conflicting-elements',
    undefined,
    identity('"Action": "s3:*", §"NotAction": "sts:*"'),
    'both',
    'two statements',
  ],
  ['empty-element', undefined, identity('"Action": §[]'), '`Action` is empty', 'Name something'],
  [
    'invalid-version',
    undefined,
    '{"Version": §"2012 - 10 - 17", "Statement": []}',
    '`2012 - 10 - 17`',
    '`2012-10-17`',
  ],
  [
    'invalid-version',
    undefined,
    '{"Version": §"2024-01-01", "Statement": []}',
    '`2024-01-01`',
    '`"Version": "2012-10-17"`',
  ],
  ['invalid-effect', undefined, '{"Statement": {"Effect": §"allow", "Action": "*"}}', '`allow`', '`Allow`'],
  ['invalid-sid', 'identity', identity('"Action": "s3:*", "Sid": §"my id"'), '`my id`', 'letters and digits'],
  [
    'duplicate-sid',
    undefined,
    '{"Statement": [{"Sid": "A", "Effect": "Deny", "Action": "*"}, {"Sid": §"A", "Effect": "Deny", "Action": "*"}]}',
    '`A`',
    'of its own',
  ],
  ['invalid-character', 'identity', `§${identity('"Action": "s3:*", "Sid": "\u4F60"')}`, '\u4F60', 'U+00FF'],
  [
    'forbidden-element',
    'identity',
    identity('"Action": "s3:*", §"Principal": "*"'),
    'may not have',
    'attached to',
  ],
  [
    'forbidden-element',
    'trust',
    `{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", §"Resource": "*"}}`,
    'a trust policy',
    'Remove',
  ],
  [
    'forbidden-element',
    'rcp',
    identity('"Principal": "*", §"NotAction": "s3:*"'),
    'resource control policy',
    'Remove',
  ],
  [
    'required-element',
    'bucket',
    '{"Statement": §{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}',
    '`Principal`',
    'whom',
  ],
  [
    'required-element',
    'identity',
    '{"Statement": §{"Effect": "Allow", "Action": "s3:*"}}',
    '`Resource`',
    'what',
  ],
  [
    'not-principal-with-allow',
    'bucket',
    bucket('"Action": "s3:*", §"NotPrincipal": "*"').replace('"Principal": {"AWS": "111111111111"}, ', ''),
    '`Deny` only',
    '`Principal`',
  ],
  [
    'rcp-denies-only',
    'rcp',
    '{"Version": "2012-10-17", "Statement": {"Effect": §"Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}',
    'only deny',
    'Deny',
  ],
  [
    'version-required',
    'scp',
    '§{"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}',
    'needs',
    '2012-10-17',
  ],
  [
    'too-large',
    'bucket',
    `§${bucket(`"Action": "s3:*", "Sid": "${'a'.repeat(20_480)}"`)}`,
    'may have 20,480',
    'Shorten',
  ],
  [
    'too-large',
    'session',
    `§${identity('"Action": "s3:*"')}${' '.repeat(2048)}`,
    'may have 2,048',
    'Shorten',
  ],
  [
    'invalid-action',
    undefined,
    identity('"Action": §"s3: GetObject"'),
    '`s3: GetObject`',
    '`s3:GetObject`, without spaces',
  ],
  ['invalid-action', undefined, identity('"Action": [§"GetObject"]'), '`GetObject`', '`s3:GetObject`'],
  ['invalid-action', undefined, identity('"Action": §"*:GetObject"'), '`*:GetObject`', 'Name the service'],
  ['unknown-service', undefined, identity('"Action": §"s33:GetObject"'), '`s33:GetObject`', '`s3:`'],
  ['unknown-action', undefined, identity('"Action": §"s3:GetObjcet"'), '`s3:GetObjcet`', '`s3:GetObject`'],
  [
    'unknown-action',
    undefined,
    identity('"Action": §"s3:ListObjectsV2"'),
    '`s3:ListObjectsV2`',
    '`s3:ListBucket`',
  ],
  ['unknown-action', undefined, identity('"Action": §"s3:Fetch*"'), '`s3:Fetch*`', 'Service Authorization'],
  [
    'action-of-other-service',
    'bucket',
    bucket('"Action": §"sqs:SendMessage"'),
    '`sqs:SendMessage`',
    'another kind',
  ],
  [
    'action-of-other-service',
    'trust',
    '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": §"s3:GetObject"}}',
    '`sts:`',
    'another kind',
  ],
  [
    'invalid-arn',
    undefined,
    resource('§"arn:aws:s3::bucket/*"'),
    '`arn:aws:s3::bucket/*`',
    '`arn:aws:s3:::bucket/*`',
  ],
  [
    'invalid-arn',
    undefined,
    resource('§"s3://bucket/key"'),
    '`s3://bucket/key`',
    '`arn:aws:s3:::bucket/key`',
  ],
  [
    'invalid-arn',
    undefined,
    resource('§"arn : aws : s3 : : : bucket"'),
    'not an ARN',
    '`arn:aws:s3:::bucket`',
  ],
  ['invalid-arn', undefined, resource('§"arn:aws: s3:::bucket/*"'), 'space', '`arn:aws:s3:::bucket/*`'],
  ['invalid-arn', undefined, resource('[§"arn:aw:s3:::bucket/*"]'), '`aw`', '`aws`'],
  [
    'invalid-account',
    undefined,
    resource('§"arn:aws:s3:eu-west-1:1111:accesspoint/ap/object/*"'),
    '`1111`',
    '12 digits',
  ],
  [
    'invalid-account',
    undefined,
    principal('{"AWS": §"arn:aws:iam::SOURCE_ACCOUNT_ID:root"}'),
    '`SOURCE_ACCOUNT_ID`',
    'Replace `SOURCE_ACCOUNT_ID`',
  ],
  [
    'invalid-account',
    undefined,
    principal('{"AWS": §"1111-1111-1111"}'),
    '`1111-1111-1111`',
    '`111111111111`',
  ],
  [
    'bucket-arn-with-account',
    undefined,
    resource('§"arn:aws:s3:eu-west-1:111111111111:bucket/*"'),
    'region',
    '`arn:aws:s3:::bucket/*`',
  ],
  [
    'placeholder',
    undefined,
    resource('§"arn:aws:s3:::YOUR_BUCKET_NAME/*"'),
    '`YOUR_BUCKET_NAME`',
    "bucket's name",
  ],
  ['invalid-bucket-name', undefined, resource('§"arn:aws:s3:::my bucket/*"'), '`my bucket`', '3 to 63'],
  ['invalid-principal-type', undefined, principal('{§"aws": "111111111111"}'), '`aws`', '`AWS`'],
  ['invalid-principal', undefined, principal('§"111111111111"'), '`111111111111`', '{"AWS": "111111111111"}'],
  ['invalid-principal', undefined, principal('{"AWS": §"alice"}'), '`alice`', 'ARN'],
  [
    'invalid-principal',
    undefined,
    principal('{"AWS": [§"arn:aws:iam::111111111111:group/g"]}'),
    'a group',
    'users',
  ],
  [
    'invalid-principal',
    undefined,
    principal('{"AWS": §"arn:aws:s3:::bucket"}'),
    '`arn:aws:s3:::bucket`',
    'ARN',
  ],
  ['invalid-principal', undefined, principal('{"AWS": §"lambda.amazonaws.com"}'), 'a service', '"Service"'],
  ['invalid-principal', undefined, principal('{"Service": §"lambda"}'), '`lambda`', '`lambda.amazonaws.com`'],
  ['invalid-principal', undefined, principal('{"Federated": §"okta"}'), '`okta`', 'OIDC or SAML'],
  ['invalid-principal', undefined, principal('{"CanonicalUser": §"abc"}'), '`abc`', '64'],
  [
    'wildcard-in-principal',
    undefined,
    principal('{"AWS": §"arn:aws:iam::111111111111:role/*"}'),
    'wildcard',
    '`aws:PrincipalArn`',
  ],
  ['stale-principal', undefined, principal('{"AWS": §"AROA1234567890ABCDEF"}'), 'deleted', 'Remove it'],
  [
    'unknown-operator',
    undefined,
    condition('{§"StringEqual": {"aws:userid": "a"}}'),
    '`StringEqual`',
    '`StringEquals`',
  ],
  [
    'unknown-operator',
    undefined,
    condition('{§"ForAnyValues:StringLikeIfExist": {"aws:TagKeys": "a"}}'),
    '`ForAny',
    '`ForAnyValue:',
  ],
  [
    'null-operator',
    undefined,
    condition('{§"NullIfExists": {"aws:userid": "true"}}'),
    '`NullIfExists`',
    '`Null` alone',
  ],
  [
    'invalid-condition-key',
    undefined,
    condition('{"StringEquals": {§"userid": "a"}}'),
    '`userid`',
    '`prefix:name`',
  ],
  [
    'invalid-condition-key',
    undefined,
    condition('{"StringEquals": {§"aws: userid": "a"}}'),
    '`aws: userid`',
    '`aws:userid`',
  ],
  [
    'unknown-condition-key',
    undefined,
    condition('{"StringEquals": {§"aws:PrincipleOrgID": "o"}}'),
    '`aws:PrincipleOrgID`',
    '`aws:PrincipalOrgID`',
  ],
  [
    'unknown-condition-key',
    undefined,
    condition('{"StringEquals": {§"s3:ExistingObjectTags/a": "b"}}'),
    's3:ExistingObjectTags/a',
    '`s3:ExistingObjectTag/a`',
  ],
  [
    'invalid-condition-value',
    undefined,
    condition('{"NumericLessThan": {"s3:max-keys": §"many"}}'),
    '`many`',
    'type',
  ],
  [
    'invalid-condition-value',
    undefined,
    condition('{"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", §"10.0.0.0/33"]}}'),
    '`10.0.0.0/33`',
    'type',
  ],
  [
    'invalid-condition-value',
    undefined,
    condition('{"DateLessThan": {"aws:CurrentTime": §"31.1.2026"}}'),
    '`31.1.2026`',
    'type',
  ],
  [
    'invalid-condition-value',
    undefined,
    condition('{"Bool": {"aws:SecureTransport": §"yes"}}'),
    '`yes`',
    'type',
  ],
  [
    'operator-of-other-type',
    undefined,
    condition('{"StringEquals": {§"aws:SourceIp": "10.0.0.0/8"}}'),
    'ip-address',
    'type of the key',
  ],
  [
    'empty-condition',
    undefined,
    condition('{"StringEquals": {"aws:userid": §[]}}'),
    'no values',
    'Name a value',
  ],
  [
    'action-without-resource',
    undefined,
    statement('"Action": §"s3:GetObject", "Resource": "arn:aws:s3:::bucket"'),
    '`object`',
    '`arn:aws:s3:::bucket/*`',
  ],
  [
    'action-without-resource',
    undefined,
    statement('"Action": [§"s3:ListBucket", "s3:GetObject"], "Resource": "arn:aws:s3:::bucket/*"'),
    '`bucket`',
    '`arn:aws:s3:::bucket`',
  ],
  [
    'action-without-resource',
    undefined,
    statement('"Action": "s3:GetObject", "Resource": ["arn:aws:s3:::bucket/*", §"arn:aws:s3:::bucket"]'),
    'no action',
    'Name the resource',
  ],
  [
    'action-without-resource',
    undefined,
    statement('"Action": §"s3:ListAllMyBuckets", "Resource": "arn:aws:s3:::bucket/*"'),
    'no particular',
    '"Resource": "*"',
  ],
];

test.each(ROWS)('%s, %s: %s', (code, kind, withMark, message, help) => {
  const { text, line, column } = marked(withMark);
  const { problems, document } = parsePolicy(text, kind);
  const found = problems.find(
    (problem) => problem.code === code && problem.line === line && problem.column === column,
  );
  expect(found, JSON.stringify(problems, null, 1)).toMatchObject({ code, line, column });
  expect(found?.message).toContain(message);
  expect(found?.help).toContain(help);
  expect(document === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
});

test('every rule has a row', () => {
  const tested = new Set(ROWS.map(([code]) => code));
  expect(CHECKS.map(({ code }) => code).filter((code) => !tested.has(code))).toEqual([]);
});

const fine: [PolicyKind, string][] = [
  [
    'identity',
    '{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"Read1","Effect":"Allow","Action":["s3:Get*","s3:ListBucket"],"Resource":["arn:aws:s3:::acme-reports","arn:aws:s3:::acme-reports/${aws:username}/*"]}]}',
  ],
  [
    'identity',
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:ListAllMyBuckets","s3:GetBucketLocation"],"Resource":"arn:aws:s3:::*"}}',
  ],
  [
    'identity',
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":true},"NumericLessThan":{"s3:max-keys":10},"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"},"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]},"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a/*"},"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"},"Null":{"aws:TokenIssueTime":"false"}}}}',
  ],
  [
    'identity',
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["ec2:RunInstances","dynamodb:*"],"Resource":"*"}}',
  ],
  [
    'bucket',
    '{"Version":"2008-10-17","Statement":[{"Sid":"any text, here","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::acme-reports","arn:aws:s3:::acme-reports/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:root","222222222222","arn:aws:sts::111111111111:assumed-role/r/s","arn:aws:iam::111111111111:user/a/b"],"Service":"cloudtrail.amazonaws.com","CanonicalUser":"' +
      'ab'.repeat(32) +
      '"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::acme-reports/AWSLogs/*","Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control","s3:RequestObjectTag/team":"a"}}}]}',
  ],
  [
    'trust',
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/service"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"sts:ExternalId":"abc"}}}}',
  ],
  [
    'trust',
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:a/b:*"}}}}',
  ],
  [
    'key',
    '{"Version":"2012-10-17","Id":"key","Statement":{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"kms:*","Resource":"*"}}',
  ],
  ['scp', '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'],
  [
    'rcp',
    '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-a"}}}}',
  ],
  [
    'vpc-endpoint',
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}',
  ],
  [
    'access-point',
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/r"},"Action":"s3:GetObject","Resource":"arn:aws:s3:eu-west-1:222222222222:accesspoint/ap/object/*"}}',
  ],
];

test.each(fine)('a right %s policy has no problem: %s', (kind, text) => {
  expect(parsePolicy(text, kind)).toMatchObject({ document: JSON.parse(text), problems: [] });
});

test('the documents of the walkthrough, pasted with their spaces, are refused with the place and the right value', () => {
  const walkthrough = readFileSync(
    new URL('../../../test/fixtures/walkthrough-bucket-policy.txt', import.meta.url),
    'utf8',
  );
  const { document, problems } = parsePolicy(walkthrough, 'bucket');
  expect(document).toBeUndefined();
  expect(problems.map(({ code, line, column, help }) => `${line}:${column} ${code}: ${help}`)).toEqual([
    '2:16 invalid-version: Write `2012-10-17`, without spaces.',
    "8:24 invalid-account: Replace `SOURCE_ACCOUNT_ID` with the account's 12 digits.",
    "15:17 placeholder: Put the bucket's name in its place.",
    "16:17 placeholder: Put the bucket's name in its place.",
  ]);
});

test('all problems of a document come at once, in its order', () => {
  const text =
    '{"Version": "2012", "Statement": [{"Effect": "Alow", "Action": "s3:*", "Resource": "bucket",},]}';
  expect(parsePolicy(text).problems.map(({ code }) => code)).toEqual([
    'invalid-version',
    'invalid-effect',
    'invalid-arn',
    'json-syntax',
    'json-syntax',
  ]);
});

test('sizes are those that AWS counts', () => {
  const sized = (count: number, letter: string, space = '') =>
    bucket(`"Action": "s3:GetObject",${space} "Sid": "${letter.repeat(count)}"`);
  const overhead = JSON.stringify(JSON.parse(sized(0, ''))).length;
  const sizes = (text: string) =>
    parsePolicy(text, 'bucket').problems.flatMap(({ code, message }) =>
      code === 'too-large' ? message : [],
    );
  expect(sizes(sized(20_480 - overhead, 'a', ' \n\t'.repeat(1000)))).toEqual([]);
  expect(sizes(sized(20_481 - overhead, 'a'))).toEqual([
    'the document has 20,481 bytes, white space not counted; a bucket policy may have 20,480',
  ]);
  // White space in a text counts, and letters count as their bytes.
  expect(sizes(sized(20_481 - overhead, ' '))).toHaveLength(1);
  expect(sizes(sized(10_240, '\u00E9'))).toHaveLength(1);
  expect(sizes(sized(5_100, '\u{1F600}'))).toHaveLength(1);
});

test('hostile documents', () => {
  const proto = parsePolicy('{"__proto__": {"Statement": []}, "Statement": []}');
  expect(proto.problems.map(({ code }) => code)).toContain('unknown-element');
  expect(({} as Record<string, unknown>)['Statement']).toBeUndefined();

  for (const letter of ['[', '{"a":', '[{"Statement":']) {
    const deep = parsePolicy(letter.repeat(200_000));
    expect(deep.document).toBeUndefined();
    expect(deep.problems[0]?.code).toBe('json-syntax');
  }
  const closed = `{"Statement": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  expect(parsePolicy(closed, 'bucket').problems.map(({ code }) => code)).toContain('wrong-type');

  const junk = `{"Statement": [], "x": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  expect(parsePolicy(junk, 'bucket').problems.map(({ code }) => code)).toContain('unknown-element');
  const open = `{"Version": "${'\\"'.repeat(100_000)}`;
  expect(parsePolicy(open, 'bucket').problems.map(({ code }) => code)).toEqual(['json-syntax']);

  const many = identity(
    `"Action": [${Array.from({ length: 20_000 }, (_, i) => `"s3:Gett${i}*"`).join(',')}]`,
  );
  expect(parsePolicy(many, 'identity').problems.length).toBeLessThan(1000);
});
