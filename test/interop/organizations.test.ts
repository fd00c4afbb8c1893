import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  AttachPolicyCommand,
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  CreatePolicyCommand,
  DescribeOrganizationCommand,
  DetachPolicyCommand,
  EnablePolicyTypeCommand,
  ListAccountsForParentCommand,
  ListParentsCommand,
  ListPoliciesForTargetCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import {
  CreateBucketCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, expect, test } from 'vitest';

const [MANAGEMENT, OUTSIDE] = ['111111111111', '333333333333'] as const;

let aws: Sandbox;
let organizations: OrganizationsClient;
let member: string;
let root: string;
let unit: string;

type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
const configuration = (credentials: Credentials) => ({
  region: 'us-east-1',
  endpoint: aws.endpoint,
  credentials,
});

/** The management account's way into an account that it made. */
async function enterMember(): Promise<Credentials> {
  const sts = new STSClient(configuration(aws.account(MANAGEMENT).users['admin']!));
  const { Credentials: session } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${member}:role/OrganizationAccountAccessRole`,
      RoleSessionName: 'admin',
    }),
  );
  return {
    accessKeyId: session!.AccessKeyId!,
    secretAccessKey: session!.SecretAccessKey!,
    sessionToken: session!.SessionToken!,
  };
}

beforeAll(async () => {
  aws = await startSandbox({
    accounts: [
      { id: MANAGEMENT, users: [{ name: 'admin' }] },
      { id: OUTSIDE, users: [{ name: 'reader' }] },
    ],
  });
  const iam = new IAMClient(configuration(aws.account(MANAGEMENT).root));
  const Statement = [{ Effect: 'Allow', Action: '*', Resource: '*' }];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new PutUserPolicyCommand({ UserName: 'admin', PolicyName: 'all', PolicyDocument }));
  organizations = new OrganizationsClient(configuration(aws.account(MANAGEMENT).root));
  await organizations.send(new CreateOrganizationCommand({}));
  root = (await organizations.send(new ListRootsCommand({}))).Roots![0]!.Id!;
  await organizations.send(
    new EnablePolicyTypeCommand({ RootId: root, PolicyType: 'SERVICE_CONTROL_POLICY' }),
  );
  const created = await organizations.send(
    new CreateOrganizationalUnitCommand({ ParentId: root, Name: 'data' }),
  );
  unit = created.OrganizationalUnit!.Id!;
  const account = await organizations.send(
    new CreateAccountCommand({ AccountName: 'lake', Email: 'lake@example.com' }),
  );
  member = account.CreateAccountStatus!.AccountId!;
  const move = { AccountId: member, SourceParentId: root, DestinationParentId: unit };
  await organizations.send(new MoveAccountCommand(move));
});

afterAll(() => aws.close());

test('an organization has its root, units and accounts where they were put', async () => {
  const { Organization } = await organizations.send(new DescribeOrganizationCommand({}));
  expect(Organization).toMatchObject({ MasterAccountId: MANAGEMENT, FeatureSet: 'ALL' });
  const { Accounts } = await organizations.send(new ListAccountsForParentCommand({ ParentId: unit }));
  expect(Accounts!.map(({ Id }) => Id)).toEqual([member]);
  const { Parents } = await organizations.send(new ListParentsCommand({ ChildId: member }));
  expect(Parents).toEqual([{ Id: unit, Type: 'ORGANIZATIONAL_UNIT' }]);
});

test('FullAWSAccess is attached everywhere, and the last SCP of a target stays', async () => {
  const list = { TargetId: member, Filter: 'SERVICE_CONTROL_POLICY' } as const;
  const { Policies } = await organizations.send(new ListPoliciesForTargetCommand(list));
  expect(Policies!.map(({ Name }) => Name)).toEqual(['FullAWSAccess']);
  const detach = new DetachPolicyCommand({ PolicyId: 'p-FullAWSAccess', TargetId: member });
  await expect(organizations.send(detach)).rejects.toMatchObject({ name: 'ConstraintViolationException' });
});

test('an account outside the organization has none', async () => {
  const outside = new OrganizationsClient(configuration(aws.account(OUTSIDE).root));
  const describe = outside.send(new DescribeOrganizationCommand({}));
  await expect(describe).rejects.toMatchObject({ name: 'AWSOrganizationsNotInUseException' });
});

test('an SCP of a unit binds its accounts, and the denial says so within the organization', async () => {
  const s3 = new S3Client(configuration(await enterMember()));
  await s3.send(new CreateBucketCommand({ Bucket: 'lake-data' }));
  const Content = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Sid: 'NoLists', Effect: 'Deny', Action: 's3:ListBucket', Resource: '*' }],
  });
  const { Policy } = await organizations.send(
    new CreatePolicyCommand({ Name: 'no-lists', Description: '', Type: 'SERVICE_CONTROL_POLICY', Content }),
  );
  const attachment = { PolicyId: Policy!.PolicySummary!.Id!, TargetId: unit };
  await organizations.send(new AttachPolicyCommand(attachment));
  await expect(s3.send(new ListObjectsV2Command({ Bucket: 'lake-data' }))).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('with an explicit deny in a service control policy'),
  });
  await organizations.send(new DetachPolicyCommand(attachment));
  await expect(s3.send(new ListObjectsV2Command({ Bucket: 'lake-data' }))).resolves.toMatchObject({
    KeyCount: 0,
  });
});

test('aws:PrincipalOrgID lets the organization in and nobody else', async () => {
  const owner = new S3Client(configuration(await enterMember()));
  await owner.send(new CreateBucketCommand({ Bucket: 'lake-shared' }));
  const { Organization } = await organizations.send(new DescribeOrganizationCommand({}));
  const Statement = [
    {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:ListBucket',
      Resource: 'arn:aws:s3:::lake-shared',
      Condition: { StringEquals: { 'aws:PrincipalOrgID': Organization!.Id } },
    },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await owner.send(new PutBucketPolicyCommand({ Bucket: 'lake-shared', Policy }));
  const list = new ListObjectsV2Command({ Bucket: 'lake-shared' });
  const inside = new S3Client(configuration(aws.account(MANAGEMENT).users['admin']!));
  await expect(inside.send(list)).resolves.toMatchObject({ KeyCount: 0 });
  const outside = new S3Client(configuration(aws.account(OUTSIDE).root));
  await expect(outside.send(list)).rejects.toMatchObject({ name: 'AccessDenied', message: 'Access Denied' });
});
