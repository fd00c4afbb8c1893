import {
  AddUserToGroupCommand,
  CreateGroupCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  RemoveUserFromGroupCommand,
  TagUserCommand,
  UpdateAccessKeyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  AttachPolicyCommand,
  CloseAccountCommand,
  CreatePolicyCommand,
  DetachPolicyCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { parseConfig, SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { assume, clientsOf, documentOf, failureOf, type Clients, type Statement } from './clients.ts';
import { makeRole, makeUser } from './principals.ts';

// A call that is allowed again and again is not decided each time: here each is made twice, something changes that
// decides, and the next one comes out otherwise.

const [APP, DATA, MANAGEMENT] = ['111111111111', '222222222222', '333333333333'] as const;
const Bucket = 'remembered';
const OBJECTS = `arn:aws:s3:::${Bucket}/*`;

const CONFIG = `
accounts: [{ id: "${APP}" }, { id: "${DATA}" }, { id: "${MANAGEMENT}" }]
endpoints:
  - id: vpce-narrow
    policy: { Version: "2012-10-17", Statement: [{ Effect: Allow, Principal: "*", Action: "s3:ListBucket", Resource: "*" }] }
  - id: vpce-open
organization:
  management: "${MANAGEMENT}"
  root: { accounts: ["${APP}", "${DATA}"] }
`;

const clock = new SandboxClock();
let aws: Sandbox;
let app: Clients;
let data: Clients;
let reader: Awaited<ReturnType<typeof makeUser>>;

const allowed = () => documentOf({ Principal: { AWS: reader.arn }, Action: 's3:*', Resource: OBJECTS });
const setBucketPolicy = (Policy: string) => data.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
const setUserPolicy = (...statements: Statement[]) =>
  app.iam.send(
    new PutUserPolicyCommand({
      UserName: 'reader',
      PolicyName: 'own',
      PolicyDocument: documentOf({ Action: '*', Resource: '*' }, ...statements),
    }),
  );
const read = async (s3 = reader.clients.s3, Key = 'a') =>
  (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();

/** Calls until the call is remembered. */
async function often(call: () => Promise<unknown>): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await call();
}

async function denied(call: () => Promise<unknown>, code = 'AccessDenied'): Promise<void> {
  expect((await failureOf(call())).code).toBe(code);
}

beforeAll(async () => {
  aws = await startSandbox({ clock, config: await parseConfig(CONFIG, 'test.yaml') });
  app = clientsOf(aws, aws.account(APP).root);
  data = clientsOf(aws, aws.account(DATA).root);
  reader = await makeUser(aws, app, 'reader');
  await data.s3.send(new CreateBucketCommand({ Bucket }));
  for (const Key of ['a', 'b']) await data.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
});

beforeEach(async () => {
  await setUserPolicy();
  await setBucketPolicy(allowed());
  await often(() => read());
});

afterAll(() => aws.close());

test('a policy of the user, its group or its boundary', async () => {
  await setUserPolicy({ Effect: 'Deny', Action: 's3:GetObject', Resource: OBJECTS });
  await denied(() => read());
  await setUserPolicy();
  await often(() => read());
  const group = { GroupName: 'readers' };
  await app.iam.send(new CreateGroupCommand(group));
  const PolicyDocument = documentOf({ Effect: 'Deny', Action: 's3:*', Resource: '*' });
  await app.iam.send(new PutGroupPolicyCommand({ ...group, PolicyName: 'none', PolicyDocument }));
  await often(() => read());
  await app.iam.send(new AddUserToGroupCommand({ ...group, UserName: 'reader' }));
  await denied(() => read());
  await app.iam.send(new RemoveUserFromGroupCommand({ ...group, UserName: 'reader' }));
  await often(() => read());
  const PermissionsBoundary = 'arn:aws:iam::aws:policy/IAMReadOnlyAccess';
  await app.iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'reader', PermissionsBoundary }));
  await denied(() => read());
  await app.iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: 'reader' }));
  await often(() => read());
  await app.iam.send(new DeleteUserPolicyCommand({ UserName: 'reader', PolicyName: 'own' }));
  await denied(() => read());
});

test('the policy of the bucket, and Block Public Access', async () => {
  await data.s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  await denied(() => read());
  const block = (RestrictPublicBuckets: boolean) =>
    data.s3.send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: { RestrictPublicBuckets, BlockPublicPolicy: false },
      }),
    );
  await block(false);
  await setBucketPolicy(documentOf({ Principal: '*', Action: 's3:GetObject', Resource: OBJECTS }));
  await often(() => read());
  await block(true);
  await denied(() => read());
});

test('a tag of the user or of the object', async () => {
  const tagUser = (Value: string) =>
    app.iam.send(new TagUserCommand({ UserName: 'reader', Tags: [{ Key: 'team', Value }] }));
  const tagObject = (Value: string) =>
    data.s3.send(
      new PutObjectTaggingCommand({ Bucket, Key: 'a', Tagging: { TagSet: [{ Key: 'kind', Value }] } }),
    );
  const Condition = {
    StringEquals: { 'aws:PrincipalTag/team': 'red', 's3:ExistingObjectTag/kind': 'open' },
  };
  await tagUser('red');
  await tagObject('open');
  await setBucketPolicy(
    documentOf({ Principal: { AWS: reader.arn }, Action: 's3:GetObject', Resource: OBJECTS, Condition }),
  );
  await often(() => read());
  await tagUser('blue');
  await denied(() => read());
  await tagUser('red');
  await often(() => read());
  await tagObject('closed');
  await denied(() => read());
});

test('the clock, the key and the agent of a call', async () => {
  const Condition = { DateLessThan: { 'aws:CurrentTime': new Date(clock.now() + 60_000).toISOString() } };
  const base = { Principal: { AWS: reader.arn }, Action: 's3:GetObject' };
  await setBucketPolicy(documentOf({ ...base, Resource: OBJECTS, Condition }));
  await often(() => read());
  clock.advance(120_000);
  await denied(() => read());
  await setBucketPolicy(documentOf({ ...base, Resource: `arn:aws:s3:::${Bucket}/a` }));
  await often(() => read());
  await denied(() => read(reader.clients.s3, 'b'));
  await setBucketPolicy(
    documentOf({ ...base, Resource: OBJECTS, Condition: { StringNotLike: { 'aws:UserAgent': '*other*' } } }),
  );
  await often(() => read());
  const other = new S3Client({ ...(await configurationOf(reader.clients.s3)), customUserAgent: 'other' });
  await denied(() => read(other));
});

async function configurationOf({ config }: S3Client) {
  return {
    region: 'us-east-1',
    endpoint: aws.endpoint,
    credentials: await config.credentials(),
    forcePathStyle: true,
    maxAttempts: 1,
  };
}

test('the endpoint that a call comes in by', async () => {
  const through = async (endpoint: string | undefined) =>
    new S3Client({ ...(await configurationOf(reader.clients.s3)), endpoint: endpoint! });
  const [open, narrow] = [
    await through(aws.vpcEndpoints['vpce-open']),
    await through(aws.vpcEndpoints['vpce-narrow']),
  ];
  await often(() => read(open));
  await denied(() => read(narrow));
});

test('a service control policy', async () => {
  const organizations = new OrganizationsClient({
    region: 'us-east-1',
    endpoint: aws.endpoint,
    credentials: aws.account(MANAGEMENT).root,
    maxAttempts: 1,
  });
  const { Policy } = await organizations.send(
    new CreatePolicyCommand({
      Name: 'none',
      Description: 'none',
      Type: 'SERVICE_CONTROL_POLICY',
      Content: documentOf({ Effect: 'Deny', Action: 's3:GetObject', Resource: '*' }),
    }),
  );
  const attachment = { PolicyId: Policy!.PolicySummary!.Id, TargetId: APP };
  await often(() => read());
  await organizations.send(new AttachPolicyCommand(attachment));
  await denied(() => read());
  await organizations.send(new DetachPolicyCommand(attachment));
  await often(() => read());
});

test('the trust in a role, the sessions of before, and the role', async () => {
  const trusting = (AWS: string) => documentOf({ Principal: { AWS }, Action: 'sts:AssumeRole' });
  const { arn } = await makeRole(data, 'reading', reader.arn, [{ Action: 's3:*', Resource: '*' }]);
  const asking = { RoleArn: arn, RoleSessionName: 'session' };
  await often(() => assume(reader.clients.sts, asking));
  await data.iam.send(
    new UpdateAssumeRolePolicyCommand({ RoleName: 'reading', PolicyDocument: trusting(MANAGEMENT) }),
  );
  await denied(() => assume(reader.clients.sts, asking));
  await data.iam.send(
    new UpdateAssumeRolePolicyCommand({ RoleName: 'reading', PolicyDocument: trusting(reader.arn) }),
  );
  const { s3 } = clientsOf(aws, await assume(reader.clients.sts, asking));
  await often(() => read(s3));
  // As the console revokes sessions: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
  const revocation = { RoleName: 'reading', PolicyName: 'AWSRevokeOlderSessions' };
  await data.iam.send(
    new PutRolePolicyCommand({
      ...revocation,
      PolicyDocument: documentOf({
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: {
          DateLessThan: { 'aws:TokenIssueTime': new Date(clock.now() + 1000).toISOString() },
        },
      }),
    }),
  );
  await denied(() => read(s3));
  await data.iam.send(new DeleteRolePolicyCommand(revocation));
  await often(() => read(s3));
  await data.iam.send(new DeleteRolePolicyCommand({ RoleName: 'reading', PolicyName: 'own' }));
  await denied(() => read(s3));
  await data.iam.send(new DeleteRoleCommand({ RoleName: 'reading' }));
  await denied(() => read(s3), 'InvalidAccessKeyId');
});

test('a decision that is remembered shows in full, with what its own call has brought', async () => {
  clock.advance(60_000);
  const { Body, $metadata } = await reader.clients.s3.send(new GetObjectCommand({ Bucket, Key: 'a' }));
  await Body!.transformToString();
  const now = new Date(clock.now() - (clock.now() % 1000)).toISOString().replace('.000Z', 'Z');
  await setUserPolicy({ Effect: 'Deny', Action: '*', Resource: '*' });
  const decision = aws.decision($metadata.requestId!)!;
  expect(decision).toMatchObject({
    outcome: 'allow',
    authorizations: [{ request: { action: 's3:GetObject' }, decision: { outcome: 'allow' } }],
  });
  const { 'aws:CurrentTime': time } = decision.authorizations[0]!.request.context!;
  expect(Math.abs(Date.parse(String(time)) - Date.parse(now))).toBeLessThan(10_000);
});

test('the key of the caller, and at last the account of the bucket', async () => {
  const setStatus = (Status: 'Active' | 'Inactive') =>
    app.iam.send(
      new UpdateAccessKeyCommand({ UserName: 'reader', AccessKeyId: reader.key.accessKeyId, Status }),
    );
  await setStatus('Inactive');
  await denied(() => read(), 'InvalidAccessKeyId');
  await setStatus('Active');
  await often(() => read());
  const management = new OrganizationsClient({
    region: 'us-east-1',
    endpoint: aws.endpoint,
    credentials: aws.account(MANAGEMENT).root,
  });
  await management.send(new CloseAccountCommand({ AccountId: DATA }));
  await denied(() => read(), 'AllAccessDisabled');
});
