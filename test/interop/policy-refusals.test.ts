import { CreateRoleCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientsOf, documentOf, failureOf, SOURCE, type Clients, type Statement } from './clients.ts';

let aws: Sandbox;
let owner: Clients;
const Bucket = 'has-a-policy';
const read = { Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` };
const trust = { Action: 'sts:AssumeRole', Principal: { AWS: SOURCE } };

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE] });
  owner = clientsOf(aws, aws.account(SOURCE).root);
  await owner.s3.send(new CreateBucketCommand({ Bucket }));
  await owner.iam.send(new CreateUserCommand({ UserName: 'has-a-policy' }));
});
afterAll(() => aws.close());

const textOf = (policy: string | Statement): string =>
  typeof policy === 'string' ? policy : documentOf(policy);

test.each<[string, string | Statement]>([
  ["Policies must be valid JSON and the first byte must be '{'", 'nonsense'],
  ["Policies must be valid JSON and the first byte must be '{'", '[]'],
  ['This policy contains invalid Json', '{"Version":'],
  ['Missing required field Principal', read],
  ['Missing required field Resource', { Principal: '*', Action: 's3:GetObject' }],
  ['Missing required field Action', { Principal: '*', Resource: read.Resource }],
  ['Missing required field Effect', { ...read, Principal: '*', Effect: undefined }],
  ['Unknown field Comment', { ...read, Principal: '*', Comment: 'for reports' }],
  ['Policy has invalid action', { ...read, Principal: '*', Action: 's3:ReadObject' }],
  ['Policy has invalid action', { ...read, Principal: '*', Action: 'sqs:SendMessage' }],
  ['Policy has invalid resource', { ...read, Principal: '*', Resource: `${Bucket}/*` }],
  [
    'Policy has invalid resource',
    { ...read, Principal: { AWS: SOURCE }, Resource: 'arn:aws:s3:::another/*' },
  ],
  [
    'Action does not apply to any resource(s) in statement',
    { ...read, Principal: '*', Resource: `arn:aws:s3:::${Bucket}` },
  ],
  ['Invalid principal in policy', { ...read, Principal: { AWS: 'somebody' } }],
  ['Invalid principal in policy', { ...read, Principal: { User: SOURCE } }],
  ['Invalid principal in policy', { ...read, Principal: { AWS: `arn:aws:iam::${SOURCE}:role/none` } }],
])('S3 says %s', async (message, policy) => {
  const command = new PutBucketPolicyCommand({ Bucket, Policy: textOf(policy) });
  expect(await failureOf(owner.s3.send(command))).toMatchObject({
    code: 'MalformedPolicy',
    status: 400,
    message,
  });
});

test.each<[string, string | Statement]>([
  ['Syntax errors in policy.', '{'],
  ['Syntax errors in policy.', '[]'],
  ['Syntax errors in policy.', { ...read, Comment: 'for reports' }],
  ['Syntax errors in policy.', { ...read, Effect: 'allow' }],
  ['Policy statement must contain actions.', { Resource: '*' }],
  ['Policy statement must contain resources.', { Action: 's3:GetObject' }],
  ['Policy document should not specify a principal.', { ...read, Principal: '*' }],
  [`Resource ${Bucket}/* must be in ARN format or "*".`, { ...read, Resource: `${Bucket}/*` }],
  [
    'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
    { ...read, Action: 'GetObject' },
  ],
])('IAM says of a user’s policy %s', async (message, policy) => {
  const command = new PutUserPolicyCommand({
    UserName: 'has-a-policy',
    PolicyName: 'own',
    PolicyDocument: textOf(policy),
  });
  expect(await failureOf(owner.iam.send(command))).toMatchObject({
    code: 'MalformedPolicyDocumentException',
    status: 400,
    message,
  });
});

test.each<[string, string | Statement]>([
  ['This policy contains invalid Json', 'trust.json'],
  ['Has prohibited field Resource', { ...trust, Resource: '*' }],
  ['Missing required field Principal', { Action: 'sts:AssumeRole' }],
  ['Unknown field Comment', { ...trust, Comment: 'for reports' }],
  ['AssumeRole policy may only specify STS AssumeRole actions.', { ...trust, Action: 's3:GetObject' }],
  ['Invalid principal in policy: "AWS":"somebody"', { ...trust, Principal: { AWS: 'somebody' } }],
  [
    `Invalid principal in policy: "AWS":"arn:aws:iam::${SOURCE}:role/none"`,
    { ...trust, Principal: { AWS: `arn:aws:iam::${SOURCE}:role/none` } },
  ],
])('IAM says of a trust policy %s', async (message, policy) => {
  const command = new CreateRoleCommand({ RoleName: 'trusts', AssumeRolePolicyDocument: textOf(policy) });
  expect(await failureOf(owner.iam.send(command))).toMatchObject({
    code: 'MalformedPolicyDocumentException',
    status: 400,
    message,
  });
});
