import { LookupEventsCommand, type Event, type LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, documentOf, failureOf, OUTSIDER, SOURCE, type Clients } from './clients.ts';

const ROLE = `arn:aws:iam::${DESTINATION}:role/reader`;
let aws: Sandbox;
let clock: SandboxClock;
let source: Clients;
let owner: Clients;
let app: Clients;

beforeAll(async () => {
  clock = new SandboxClock();
  aws = await startSandbox({
    clock,
    accounts: [{ id: SOURCE, users: [{ name: 'app' }] }, DESTINATION, OUTSIDER],
  });
  source = clientsOf(aws, aws.account(SOURCE).root);
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  app = clientsOf(aws, aws.account(SOURCE).users['app']!);
  const trust = documentOf({ Action: 'sts:AssumeRole', Principal: { AWS: SOURCE } });
  await owner.iam.send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: trust }));
});
afterAll(() => aws.close());

const lookup = async ({ cloudtrail }: Clients, input: LookupEventsCommandInput = {}): Promise<Event[]> =>
  (await cloudtrail.send(new LookupEventsCommand(input))).Events ?? [];
const by = (AttributeKey: string, AttributeValue: string): LookupEventsCommandInput => ({
  LookupAttributes: [{ AttributeKey: AttributeKey as 'EventName', AttributeValue }],
});
const recordOf = ({ CloudTrailEvent }: Event) => JSON.parse(CloudTrailEvent!) as Record<string, unknown>;

describe('an AssumeRole across accounts', () => {
  test('is in both trails, with one shared id, allowed and denied', async () => {
    const role = { RoleArn: ROLE, RoleSessionName: 's1' };
    expect(await failureOf(app.sts.send(new AssumeRoleCommand(role)))).toMatchObject({
      code: 'AccessDenied',
    });
    const PolicyDocument = documentOf({ Action: 'sts:AssumeRole', Resource: ROLE });
    await source.iam.send(new PutUserPolicyCommand({ UserName: 'app', PolicyName: 'p', PolicyDocument }));
    const { Credentials } = await app.sts.send(new AssumeRoleCommand(role));

    const [allowed, denied] = await lookup(source, by('EventName', 'AssumeRole'));
    expect(recordOf(denied!)).toMatchObject({
      errorCode: 'AccessDenied',
      errorMessage: expect.stringContaining('is not authorized to perform: sts:AssumeRole'),
      responseElements: null,
    });
    const own = recordOf(allowed!);
    expect(own).toMatchObject({
      eventSource: 'sts.amazonaws.com',
      eventName: 'AssumeRole',
      userIdentity: {
        type: 'IAMUser',
        accountId: SOURCE,
        userName: 'app',
        arn: `arn:aws:iam::${SOURCE}:user/app`,
      },
      requestParameters: { roleArn: ROLE, roleSessionName: 's1' },
      responseElements: { credentials: { accessKeyId: Credentials!.AccessKeyId } },
      resources: [{ type: 'AWS::IAM::Role', ARN: ROLE, accountId: DESTINATION }],
      recipientAccountId: SOURCE,
      managementEvent: true,
      sourceIPAddress: '127.0.0.1',
    });
    const copies = await lookup(owner, by('EventName', 'AssumeRole'));
    expect(recordOf(copies[0]!)).toMatchObject({
      recipientAccountId: DESTINATION,
      sharedEventID: own['sharedEventID'],
      // Who came from another account is known by ids alone.
      userIdentity: { type: 'AWSAccount', accountId: SOURCE, principalId: expect.stringMatching(/^AIDA/) },
      responseElements: { credentials: { accessKeyId: Credentials!.AccessKeyId } },
    });
    expect(recordOf(copies[0]!)['userIdentity']).not.toHaveProperty('arn');
    expect(copies[0]!.EventId).not.toBe(allowed!.EventId);
    expect(await lookup(clientsOf(aws, aws.account(OUTSIDER).root), by('EventName', 'AssumeRole'))).toEqual(
      [],
    );
  });
});

describe('lookup', () => {
  beforeAll(async () => {
    for (const UserName of ['ann', 'bob', 'eve']) {
      clock.advance(60_000);
      await owner.iam.send(new CreateUserCommand({ UserName }));
    }
  });

  test('gives the newest first, in pages', async () => {
    const names: unknown[] = [];
    let NextToken: string | undefined;
    do {
      const page = await owner.cloudtrail.send(
        new LookupEventsCommand({ ...by('EventName', 'CreateUser'), MaxResults: 2, NextToken }),
      );
      expect(page.Events!.length).toBeLessThanOrEqual(2);
      names.push(
        ...page.Events!.map(
          (event) => (recordOf(event)['requestParameters'] as { userName: string }).userName,
        ),
      );
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(names).toEqual(['eve', 'bob', 'ann']);
  });

  test('gives each event once, though every page is an event itself', async () => {
    const ids: (string | undefined)[] = [];
    let NextToken: string | undefined;
    for (let pages = 0; pages < 5; pages++) {
      const page = await owner.cloudtrail.send(new LookupEventsCommand({ MaxResults: 1, NextToken }));
      ids.push(page.Events![0]!.EventId);
      ({ NextToken } = page);
    }
    expect(new Set(ids).size).toBe(5);
  });

  test('describes each event', async () => {
    const [event] = await lookup(owner, by('EventName', 'CreateUser'));
    expect(event).toMatchObject({
      EventName: 'CreateUser',
      EventSource: 'iam.amazonaws.com',
      ReadOnly: 'false',
      Username: 'root',
      AccessKeyId: aws.account(DESTINATION).root.accessKeyId,
      EventTime: expect.any(Date),
      EventId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    });
    expect(Math.abs(event!.EventTime!.getTime() - clock.now())).toBeLessThan(60_000);
    // Whenever it is read, it is the same event.
    expect((await lookup(owner, by('EventId', event!.EventId!)))[0]).toEqual(event);
  });

  test('finds by what an event is, or when it was', async () => {
    const count = async (input: LookupEventsCommandInput) => (await lookup(owner, input)).length;
    expect(await count(by('EventSource', 'iam.amazonaws.com'))).toBe(4);
    expect(await count(by('EventName', 'Nothing'))).toBe(0);
    const callers = async (input: LookupEventsCommandInput) => (await lookup(source, input)).length;
    expect(await callers(by('AccessKeyId', aws.account(SOURCE).users['app']!.accessKeyId))).toBe(2);
    expect(await callers(by('Username', 'app'))).toBe(2);
    // Another account's principals have no name and no key in this one's trail.
    expect(await count(by('Username', 'app'))).toBe(0);
    expect(await count(by('ResourceName', 'ann'))).toBe(1);
    expect(await count(by('ResourceType', 'AWS::IAM::Role'))).toBe(3);
    expect(await count(by('ResourceName', ROLE))).toBe(2);
    expect((await lookup(owner, by('ReadOnly', 'true'))).every(({ ReadOnly }) => ReadOnly === 'true')).toBe(
      true,
    );
    const minutesAgo = (minutes: number) => new Date(clock.now() - minutes * 60_000);
    const users = by('EventName', 'CreateUser');
    expect(await count({ ...users, StartTime: minutesAgo(1.5) })).toBe(2);
    expect(await count({ ...users, EndTime: minutesAgo(1.5) })).toBe(1);
    expect(await count({ EventCategory: 'insight' })).toBe(0);
  });

  test.each<[string, LookupEventsCommandInput, string]>([
    ['no results', { MaxResults: 0 }, 'InvalidMaxResultsException'],
    ['too many results', { MaxResults: 51 }, 'InvalidMaxResultsException'],
    ['a token that is none', { NextToken: 'x' }, 'InvalidNextTokenException'],
    [
      'an unknown attribute, of no event',
      { ...by('Colour', 'red'), StartTime: new Date(1), EndTime: new Date(2) },
      'InvalidLookupAttributesException',
    ],
    ['an unknown attribute', by('Colour', 'red'), 'InvalidLookupAttributesException'],
    ['an attribute that objects have', by('__proto__', 'x'), 'InvalidLookupAttributesException'],
    [
      'an end before the start',
      { StartTime: new Date(2), EndTime: new Date(1) },
      'InvalidTimeRangeException',
    ],
  ])('refuses %s', async (_, input, code) => {
    expect(await failureOf(lookup(owner, input))).toMatchObject({ code, status: 400 });
  });

  test('forgets after ninety days', async () => {
    expect(await lookup(owner, by('EventName', 'CreateUser'))).toHaveLength(3);
    clock.advance(91 * 24 * 3_600_000);
    expect(await lookup(owner, by('EventName', 'CreateUser'))).toEqual([]);
    clock.advance(-91 * 24 * 3_600_000);
  });

  test('needs permission', async () => {
    expect(await failureOf(lookup(app))).toMatchObject({
      code: 'AccessDeniedException',
      status: 400,
      message: expect.stringContaining('cloudtrail:LookupEvents'),
    });
  });
});

describe('data events', () => {
  beforeAll(async () => {
    await owner.s3.send(new CreateBucketCommand({ Bucket: 'trail' }));
    await owner.s3.send(new PutObjectCommand({ Bucket: 'trail', Key: 'k', Body: 'text' }));
    await owner.s3.send(new GetObjectCommand({ Bucket: 'trail', Key: 'k' }));
  });

  test('are never looked up; calls on buckets are', async () => {
    expect(await lookup(owner, by('EventName', 'GetObject'))).toEqual([]);
    expect(await lookup(owner, by('EventName', 'CreateBucket'))).toHaveLength(1);
  });

  test("are in the sandbox's own records, for each account concerned", async () => {
    const denied = await failureOf(app.s3.send(new GetObjectCommand({ Bucket: 'trail', Key: 'k' })));
    const records = aws.records('data').filter(({ requestID }) => requestID === denied.requestId);
    expect(records).toMatchObject([
      {
        recipientAccountId: SOURCE,
        errorCode: 'AccessDenied',
        eventName: 'GetObject',
        requestParameters: { bucketName: 'trail', key: 'k' },
        managementEvent: false,
        eventCategory: 'Data',
        readOnly: true,
        resources: [
          { type: 'AWS::S3::Object', ARN: 'arn:aws:s3:::trail/k' },
          // Whose it is, who was denied is not told.
          { type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::trail', accountId: '' },
        ],
        additionalEventData: {
          AuthenticationMethod: 'AuthHeader',
          SignatureVersion: 'SigV4',
          bytesTransferredOut: expect.any(Number),
        },
      },
      {
        recipientAccountId: DESTINATION,
        resources: [{}, { ARN: 'arn:aws:s3:::trail', accountId: DESTINATION }],
      },
    ]);
    expect(new Set(records.map(({ sharedEventID }) => sharedEventID)).size).toBe(1);
    expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(2);
    expect(aws.decision(denied.requestId!)).toMatchObject({ outcome: 'deny' });
  });

  test('of a request with a bad signature there are none', async () => {
    const before = aws.records().length;
    const forged = clientsOf(aws, { ...aws.account(DESTINATION).root, secretAccessKey: 'wrong' });
    await failureOf(forged.s3.send(new GetObjectCommand({ Bucket: 'trail', Key: 'k' })));
    await failureOf(forged.sts.send(new GetCallerIdentityCommand({})));
    expect(aws.records()).toHaveLength(before);
  });
});

test('no record holds a secret', async () => {
  await source.iam.send(new CreateUserCommand({ UserName: 'keyed' }));
  const { AccessKey } = await source.iam.send(new CreateAccessKeyCommand({ UserName: 'keyed' }));
  const { Credentials } = await app.sts.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 's2' }));
  const all = JSON.stringify(aws.records());
  expect(all).toContain(AccessKey!.AccessKeyId!);
  expect(all).toContain(Credentials!.AccessKeyId!);
  expect(all).not.toContain(AccessKey!.SecretAccessKey!);
  expect(all).not.toContain(Credentials!.SecretAccessKey!);
  expect(all).not.toContain(Credentials!.SessionToken!);
});
