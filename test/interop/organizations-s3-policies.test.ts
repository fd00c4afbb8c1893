import {
  AttachPolicyCommand,
  CreatePolicyCommand,
  DescribeEffectivePolicyCommand,
  DetachPolicyCommand,
  DisablePolicyTypeCommand,
  EnablePolicyTypeCommand,
  ListRootsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutObjectAclCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  CreateAccessPointCommand,
  DeletePublicAccessBlockCommand as DeleteAccountBlockCommand,
  GetPublicAccessBlockCommand as GetAccountBlockCommand,
  PutAccessPointPolicyCommand,
  PutPublicAccessBlockCommand as PutAccountBlockCommand,
} from '@aws-sdk/client-s3-control';
import { parseConfig, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  arnsOf,
  clientsOf,
  DESTINATION,
  documentOf,
  failureOf,
  OUTSIDER,
  SOURCE,
  type Clients,
} from './clients.ts';
import { controlClient } from './control-client.ts';

const CONFIG = `
accounts: [{ id: "${SOURCE}" }, { id: "${DESTINATION}" }, { id: "${OUTSIDER}" }]
organization:
  management: "${SOURCE}"
  root:
    units:
      - name: data
        accounts: ["${DESTINATION}"]
`;
const Bucket = 'in-the-open';
const everyone = { Principal: '*', Action: 's3:GetObject', Resource: arnsOf(Bucket)[1] };
const OPEN = {
  BlockPublicAcls: false,
  IgnorePublicAcls: false,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
};
const BLOCKED = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};
const PolicyType = 'S3_POLICY';

let aws: Sandbox;
let organizations: OrganizationsClient;
let member: OrganizationsClient;
let root: string;
let owner: Clients;
let stranger: Clients;

const organizationsOf = (account: string) =>
  new OrganizationsClient({
    region: 'us-east-1',
    endpoint: aws.endpoint,
    credentials: aws.account(account).root,
    maxAttempts: 1,
  });
const control = () => controlClient(aws, aws.account(DESTINATION).root);
const AccountId = DESTINATION;
const accountBlock = async () =>
  (await control().send(new GetAccountBlockCommand({ AccountId }))).PublicAccessBlockConfiguration;
const effective = async (by: OrganizationsClient, TargetId?: string) =>
  (await by.send(new DescribeEffectivePolicyCommand({ PolicyType, ...(TargetId && { TargetId }) })))
    .EffectivePolicy;
const read = (by: Clients) => by.s3.send(new GetObjectCommand({ Bucket, Key: 'k' }));

let created = 0;
async function attached(setting: 'all' | 'none', TargetId: string): Promise<() => Promise<unknown>> {
  const Content = JSON.stringify({
    s3_attributes: { public_access_block_configuration: { '@@assign': setting } },
  });
  const { Policy } = await organizations.send(
    new CreatePolicyCommand({ Name: `block-${created++}`, Description: '', Type: PolicyType, Content }),
  );
  const attachment = { PolicyId: Policy!.PolicySummary!.Id!, TargetId };
  await organizations.send(new AttachPolicyCommand(attachment));
  return () => organizations.send(new DetachPolicyCommand(attachment));
}

beforeAll(async () => {
  aws = await startSandbox({ config: await parseConfig(CONFIG, 'organization.yaml') });
  organizations = organizationsOf(SOURCE);
  member = organizationsOf(DESTINATION);
  root = (await organizations.send(new ListRootsCommand({}))).Roots![0]!.Id!;
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  stranger = clientsOf(aws, aws.account(OUTSIDER).root);
  await owner.s3.send(new CreateBucketCommand({ Bucket }));
  await owner.s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
  await owner.s3.send(
    new PutBucketOwnershipControlsCommand({
      Bucket,
      OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] },
    }),
  );
  await owner.s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'content' }));
  await owner.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: documentOf(everyone) }));
});
afterAll(() => aws.close());

test('an S3 policy blocks the public of every account below it, and gives way when it is detached', async () => {
  await expect(read(stranger)).resolves.toBeDefined();
  const detach = await attached('all', root);
  expect(await failureOf(read(stranger))).toMatchObject({ code: 'AccessDenied' });
  expect((await fetch(`${aws.endpoint}/${Bucket}/k`)).status).toBe(403);
  expect(await accountBlock()).toEqual(BLOCKED);
  await detach();
  await expect(read(stranger)).resolves.toBeDefined();
  expect(await failureOf(accountBlock())).toMatchObject({ code: 'NoSuchPublicAccessBlockConfiguration' });
});

test('an account keeps its own settings for later, and cannot change them meanwhile', async () => {
  const put = (PublicAccessBlockConfiguration: object) =>
    control().send(new PutAccountBlockCommand({ AccountId, PublicAccessBlockConfiguration }));
  await put({ BlockPublicAcls: true });
  const detach = await attached('none', root);
  expect(await accountBlock()).toEqual(OPEN);
  const remove = () => control().send(new DeleteAccountBlockCommand({ AccountId }));
  for (const change of [() => put(BLOCKED), remove]) {
    const failure = await failureOf(change());
    expect(failure).toMatchObject({ code: 'AccessDenied', status: 403, message: 'Access Denied' });
    expect(aws.decision(failure.requestId!)?.causes[0]).toMatchObject({
      code: 'public-access-block',
      account: DESTINATION,
    });
  }
  await detach();
  expect(await accountBlock()).toEqual({ ...OPEN, BlockPublicAcls: true });
  await control().send(new DeleteAccountBlockCommand({ AccountId }));
});

describe('what an S3 policy blocks', () => {
  let detach: () => Promise<unknown>;
  beforeAll(async () => {
    await control().send(
      new CreateAccessPointCommand({ AccountId, Name: 'open', Bucket, PublicAccessBlockConfiguration: OPEN }),
    );
    detach = await attached('all', DESTINATION);
  });
  afterAll(() => detach());

  test('is a public bucket policy', async () => {
    const failure = await failureOf(
      owner.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: documentOf(everyone) })),
    );
    expect(failure.message).toContain(
      'because public policies are prevented by the BlockPublicPolicy setting',
    );
  });

  test('is a public access point policy', async () => {
    const arn = `arn:aws:s3:us-east-1:${DESTINATION}:accesspoint/open`;
    const Policy = documentOf({ Principal: '*', Action: 's3:GetObject', Resource: `${arn}/object/*` });
    const failure = await failureOf(
      control().send(new PutAccessPointPolicyCommand({ AccountId, Name: 'open', Policy })),
    );
    expect(failure.message).toContain(
      'because public policies are prevented by the BlockPublicPolicy setting',
    );
  });

  test('is a public ACL, in a header and in a document', async () => {
    const object = { Bucket, Key: 'k' };
    const Owner = { ID: 'x' };
    const grant = {
      Grantee: { Type: 'Group' as const, URI: 'http://acs.amazonaws.com/groups/global/AllUsers' },
      Permission: 'READ' as const,
    };
    for (const acl of [{ ACL: 'public-read' as const }, { AccessControlPolicy: { Owner, Grants: [grant] } }])
      expect(await failureOf(owner.s3.send(new PutObjectAclCommand({ ...object, ...acl })))).toMatchObject({
        code: 'AccessDenied',
        status: 403,
      });
  });
});

test('the policy nearest to the account counts, and is its effective one', async () => {
  expect(await failureOf(effective(member))).toMatchObject({ code: 'EffectivePolicyNotFoundException' });
  const detachRoot = await attached('all', root);
  expect(await effective(member)).toMatchObject({ TargetId: DESTINATION, PolicyType });
  const detachOwn = await attached('none', DESTINATION);
  const content = { s3_attributes: { public_access_block_configuration: 'none' } };
  expect(JSON.parse((await effective(member))!.PolicyContent!)).toEqual(content);
  expect(JSON.parse((await effective(organizations, DESTINATION))!.PolicyContent!)).toEqual(content);
  expect(JSON.parse((await effective(organizations))!.PolicyContent!)).toEqual({
    s3_attributes: { public_access_block_configuration: 'all' },
  });
  expect(await failureOf(effective(member, SOURCE))).toMatchObject({ code: 'AccessDeniedException' });
  expect(await failureOf(effective(organizations, OUTSIDER))).toMatchObject({
    code: 'TargetNotFoundException',
  });
  await expect(read(stranger)).resolves.toBeDefined();
  await detachOwn();
  expect(await failureOf(read(stranger))).toMatchObject({ code: 'AccessDenied' });
  await detachRoot();
});

test('of two at one level the one that was attached first counts', async () => {
  const detachFirst = await attached('none', root);
  const detachSecond = await attached('all', root);
  expect(await accountBlock()).toEqual(OPEN);
  await detachFirst();
  expect(await accountBlock()).toEqual(BLOCKED);
  const detachThird = await attached('none', root);
  expect(await accountBlock()).toEqual(BLOCKED);
  await detachSecond();
  await detachThird();
});

test('a type that is turned off takes its policies with it; a text that says nothing of the kind is refused', async () => {
  await attached('all', root);
  await organizations.send(new DisablePolicyTypeCommand({ RootId: root, PolicyType }));
  await expect(read(stranger)).resolves.toBeDefined();
  const { Root } = await organizations.send(new EnablePolicyTypeCommand({ RootId: root, PolicyType }));
  expect(Root!.PolicyTypes).toContainEqual({ Type: PolicyType, Status: 'ENABLED' });
  await expect(read(stranger)).resolves.toBeDefined();
  const Content = '{"Version":"2012-10-17","Statement":[]}';
  const create = new CreatePolicyCommand({ Name: 'no', Description: '', Type: PolicyType, Content });
  expect(await failureOf(organizations.send(create))).toMatchObject({
    code: 'MalformedPolicyDocumentException',
  });
});

test('a config sets it for a whole organization', async () => {
  const config = `${CONFIG}    s3:\n      closed: { s3_attributes: { public_access_block_configuration: { "@@assign": all } } }\n`;
  await using closed = await startSandbox({ config: await parseConfig(config, 'organization.yaml') });
  const { PublicAccessBlockConfiguration } = await controlClient(
    closed,
    closed.account(DESTINATION).root,
  ).send(new GetAccountBlockCommand({ AccountId }));
  expect(PublicAccessBlockConfiguration).toEqual(BLOCKED);
  const wrong = config.replace('all }', 'some }');
  await expect(
    parseConfig(wrong, 'organization.yaml').then((parsed) => startSandbox({ config: parsed })),
  ).rejects.toMatchObject({ code: 'InvalidConfig', message: expect.stringContaining('`@@assign` is') });
});
