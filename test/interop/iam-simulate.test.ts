import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  GetContextKeysForCustomPolicyCommand,
  GetContextKeysForPrincipalPolicyCommand,
  PutGroupPolicyCommand,
  PutUserPermissionsBoundaryCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
  type EvaluationResult,
  type SimulateCustomPolicyCommandInput,
  type SimulatePrincipalPolicyCommandInput,
} from '@aws-sdk/client-iam';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, documentOf, failureOf, SOURCE, type Clients } from './clients.ts';
import { makeRole, makeUser } from './principals.ts';

let aws: Sandbox;
let root: Clients;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION] });
  root = clientsOf(aws, aws.account(SOURCE).root);
});
afterAll(() => aws.close());

const read = { Action: 's3:GetObject', Resource: 'arn:aws:s3:::reports/*' };

async function custom(
  input: Partial<SimulateCustomPolicyCommandInput>,
  as = root,
): Promise<EvaluationResult[]> {
  const whole = { PolicyInputList: [], ActionNames: ['s3:GetObject'], ...input };
  return (await as.iam.send(new SimulateCustomPolicyCommand(whole))).EvaluationResults!;
}

async function principal(
  PolicySourceArn: string,
  input: Partial<SimulatePrincipalPolicyCommandInput> = {},
): Promise<EvaluationResult[]> {
  const whole = { PolicySourceArn, ActionNames: ['s3:GetObject'], ...input };
  return (await root.iam.send(new SimulatePrincipalPolicyCommand(whole))).EvaluationResults!;
}

const decisions = (results: EvaluationResult[]) =>
  Object.fromEntries(results.map(({ EvalActionName, EvalDecision }) => [EvalActionName, EvalDecision]));

describe('SimulateCustomPolicy', () => {
  test('decides each action, and shows where the deciding statements stand', async () => {
    const PolicyInputList = [
      documentOf({ Action: 's3:*', Resource: '*' }),
      `{\n  "Version": "2012-10-17",\n  "Statement": [\n    {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}\n  ]\n}`,
    ];
    const ActionNames = ['s3:GetObject', 's3:DeleteObject', 'iam:GetUser'];
    const results = await custom({ PolicyInputList, ActionNames });
    expect(decisions(results)).toEqual({
      's3:GetObject': 'allowed',
      's3:DeleteObject': 'explicitDeny',
      'iam:GetUser': 'implicitDeny',
    });
    expect(results[0]).toMatchObject({
      EvalResourceName: '*',
      MatchedStatements: [{ SourcePolicyId: 'PolicyInputList.1' }],
    });
    expect(results[1]!.MatchedStatements).toEqual([
      {
        SourcePolicyId: 'PolicyInputList.2',
        SourcePolicyType: 'IAM Policy',
        StartPosition: { Line: 3, Column: 17 },
        EndPosition: { Line: 4, Column: 69 },
      },
    ]);
    expect(results[2]!.MatchedStatements ?? []).toEqual([]);
  });

  test('decides on each resource', async () => {
    const ResourceArns = ['arn:aws:s3:::reports/a', 'arn:aws:s3:::other/a'];
    const [result] = await custom({ PolicyInputList: [documentOf(read)], ResourceArns });
    expect(result).toMatchObject({
      EvalResourceName: 'arn:aws:s3:::${BucketName}/${ObjectName}',
      EvalDecision: 'implicitDeny',
      ResourceSpecificResults: [
        { EvalResourceName: ResourceArns[0], EvalResourceDecision: 'allowed' },
        { EvalResourceName: ResourceArns[1], EvalResourceDecision: 'implicitDeny' },
      ],
    });
  });

  test('takes context, and says which is missing', async () => {
    const PolicyInputList = [
      documentOf({
        ...read,
        Condition: {
          StringEquals: { 'aws:PrincipalTag/team': 'data' },
          Bool: { 'aws:SecureTransport': 'true' },
        },
      }),
    ];
    const ResourceArns = ['arn:aws:s3:::reports/a'];
    const [without] = await custom({ PolicyInputList, ResourceArns });
    expect(without!.EvalDecision).toBe('implicitDeny');
    expect(without!.MissingContextValues).toEqual(['aws:PrincipalTag/team', 'aws:SecureTransport']);
    const [given] = await custom({
      PolicyInputList,
      ResourceArns,
      ContextEntries: [
        { ContextKeyName: 'aws:principaltag/team', ContextKeyValues: ['data'], ContextKeyType: 'string' },
        { ContextKeyName: 'aws:SecureTransport', ContextKeyValues: ['true'], ContextKeyType: 'boolean' },
      ],
    });
    expect(given).toMatchObject({ EvalDecision: 'allowed' });
    expect(given!.MissingContextValues ?? []).toEqual([]);
  });

  test('takes a boundary, levels of SCPs, and a resource policy', async () => {
    const PolicyInputList = [documentOf({ Action: '*', Resource: '*' })];
    const PermissionsBoundaryPolicyInputList = [documentOf({ Action: 'sts:*', Resource: '*' })];
    const [bounded] = await custom({ PolicyInputList, PermissionsBoundaryPolicyInputList });
    expect(bounded).toMatchObject({
      EvalDecision: 'implicitDeny',
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
    });
    const full = documentOf({ Action: '*', Resource: '*' });
    const OrderedOrganizationPolicyInputList = [
      { ServiceControlPolicyInputList: [full] },
      { ServiceControlPolicyInputList: [full, documentOf({ Effect: 'Deny', ...read })] },
    ];
    const ResourceArns = ['arn:aws:s3:::reports/a'];
    const [controlled] = await custom({ PolicyInputList, OrderedOrganizationPolicyInputList, ResourceArns });
    expect(controlled).toMatchObject({
      EvalDecision: 'explicitDeny',
      OrganizationsDecisionDetail: { AllowedByOrganizations: false },
    });
    const CallerArn = `arn:aws:iam::${SOURCE}:user/somebody`;
    const ResourcePolicy = documentOf({ Principal: { AWS: CallerArn }, ...read });
    const shared = { ResourceArns, ResourcePolicy, CallerArn };
    expect((await custom({ ...shared, ResourceOwner: SOURCE }))[0]!.EvalDecision).toBe('allowed');
    // Across accounts, both sides must allow.
    const ResourceOwner = `arn:aws:iam::${DESTINATION}:root`;
    const EvalDecisionDetails = { 'IAM Policy': 'implicitDeny', 'Resource Policy': 'allowed' };
    const MatchedStatements = [{ SourcePolicyId: 'ResourcePolicy', SourcePolicyType: 'Resource Policy' }];
    expect((await custom({ ...shared, ResourceOwner }))[0]).toMatchObject({
      EvalResourceName: ResourceArns[0],
      EvalDecision: 'implicitDeny',
      EvalDecisionDetails,
      ResourceSpecificResults: [
        { EvalResourceDecision: 'implicitDeny', EvalDecisionDetails, MatchedStatements },
      ],
    });
    expect((await custom({ ...shared, ResourceOwner, PolicyInputList }))[0]!.EvalDecision).toBe('allowed');
  });

  test('is paged', async () => {
    const ActionNames = ['s3:GetObject', 's3:PutObject', 's3:ListBucket'];
    const input = { PolicyInputList: [documentOf({ Action: 's3:PutObject', Resource: '*' })], ActionNames };
    const first = await root.iam.send(new SimulateCustomPolicyCommand({ ...input, MaxItems: 2 }));
    expect(first.IsTruncated).toBe(true);
    const more = new SimulateCustomPolicyCommand({ ...input, MaxItems: 2, Marker: first.Marker });
    const second = await root.iam.send(more);
    const names = [...first.EvaluationResults!, ...second.EvaluationResults!].map(
      (one) => one.EvalActionName,
    );
    expect(names).toEqual(ActionNames);
  });

  test.each<[string, Partial<SimulateCustomPolicyCommandInput>]>([
    ['a policy that is none', { PolicyInputList: ['{'] }],
    ['an action with a wildcard', { ActionNames: ['s3:*'] }],
    ['an action without a service', { ActionNames: ['GetObject'] }],
    ['a caller that is a session', { CallerArn: `arn:aws:sts::${SOURCE}:assumed-role/a/b` }],
    ['a resource policy without a caller', { ResourcePolicy: documentOf({ Principal: '*', ...read }) }],
    ['an owner that is no account', { ResourceOwner: 'somebody' }],
  ])('refuses %s', async (_, input) => {
    expect(await failureOf(custom(input))).toMatchObject({ code: 'InvalidInputException', status: 400 });
  });

  test('needs its permission', async () => {
    const { clients } = await makeUser(aws, root, 'no-simulations');
    expect((await failureOf(custom({}, clients))).code).toBe('AccessDenied');
  });
});

describe('SimulatePrincipalPolicy', () => {
  test("answers for a user, the groups' policies, the attached ones and the boundary included", async () => {
    const { arn } = await makeUser(aws, root, 'simulated', [{ Action: 's3:GetObject', Resource: '*' }]);
    await root.iam.send(new CreateGroupCommand({ GroupName: 'simulated' }));
    await root.iam.send(
      new PutGroupPolicyCommand({
        GroupName: 'simulated',
        PolicyName: 'put',
        PolicyDocument: documentOf({ Action: 's3:PutObject', Resource: '*' }),
      }),
    );
    await root.iam.send(new AddUserToGroupCommand({ GroupName: 'simulated', UserName: 'simulated' }));
    const PolicyArn = 'arn:aws:iam::aws:policy/IAMReadOnlyAccess';
    await root.iam.send(new AttachUserPolicyCommand({ UserName: 'simulated', PolicyArn }));
    const ActionNames = ['s3:GetObject', 's3:PutObject', 'iam:GetUser', 'iam:CreateUser'];
    const results = await principal(arn, { ActionNames });
    expect(decisions(results)).toEqual({
      's3:GetObject': 'allowed',
      's3:PutObject': 'allowed',
      'iam:GetUser': 'allowed',
      'iam:CreateUser': 'implicitDeny',
    });
    expect(results.slice(0, 3).map(({ MatchedStatements }) => MatchedStatements![0])).toMatchObject([
      { SourcePolicyId: 'user_simulated_own', SourcePolicyType: 'IAM Policy' },
      { SourcePolicyId: 'group_simulated_put', SourcePolicyType: 'IAM Policy' },
      { SourcePolicyId: 'IAMReadOnlyAccess', SourcePolicyType: 'IAM Policy' },
    ]);
    const PolicyInputList = [documentOf({ Effect: 'Deny', Action: 's3:*', Resource: '*' })];
    expect((await principal(arn, { PolicyInputList }))[0]!.EvalDecision).toBe('explicitDeny');
    await root.iam.send(
      new PutUserPermissionsBoundaryCommand({ UserName: 'simulated', PermissionsBoundary: PolicyArn }),
    );
    const [bounded] = await principal(arn);
    expect(bounded).toMatchObject({
      EvalDecision: 'implicitDeny',
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
    });
    const [group] = await principal(`arn:aws:iam::${SOURCE}:group/simulated`, {
      ActionNames: ['s3:PutObject'],
    });
    expect(group!.EvalDecision).toBe('allowed');
  });

  test('counts a resource policy for a role as well', async () => {
    const { arn } = await makeRole(root, 'simulated', SOURCE);
    const ResourceArns = ['arn:aws:s3:::reports/a'];
    expect((await principal(arn, { ResourceArns }))[0]!.EvalDecision).toBe('implicitDeny');
    const ResourcePolicy = documentOf({ Principal: { AWS: arn }, ...read });
    const [shared] = await principal(arn, { ResourceArns, ResourcePolicy });
    expect(shared).toMatchObject({
      EvalDecision: 'allowed',
      MatchedStatements: [{ SourcePolicyId: 'ResourcePolicy', SourcePolicyType: 'Resource Policy' }],
    });
  });

  test('refuses an entity that is not there', async () => {
    const missing = principal(`arn:aws:iam::${SOURCE}:user/there-is-none`);
    expect(await failureOf(missing)).toMatchObject({ code: 'NoSuchEntityException', status: 404 });
  });
});

test('the context keys that policies ask for', async () => {
  const statement = {
    Action: 's3:GetObject',
    Resource: "arn:aws:s3:::reports/${aws:username}/${aws:PrincipalTag/team, 'none'}/${*}",
    Condition: { StringLike: { 's3:prefix': '${aws:userid}' }, Null: { 'AWS:username': 'false' } },
  };
  const expected = ['s3:prefix', 'AWS:username', 'aws:PrincipalTag/team', 'aws:userid'];
  const command = new GetContextKeysForCustomPolicyCommand({ PolicyInputList: [documentOf(statement)] });
  expect((await root.iam.send(command)).ContextKeyNames!.toSorted()).toEqual(expected.toSorted());
  const { arn } = await makeUser(aws, root, 'asks-for-keys', [statement]);
  const ofUser = new GetContextKeysForPrincipalPolicyCommand({ PolicySourceArn: arn });
  expect((await root.iam.send(ofUser)).ContextKeyNames!.toSorted()).toEqual(expected.toSorted());
});
