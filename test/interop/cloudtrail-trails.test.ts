import { gunzipSync } from 'node:zlib';
import {
  AddTagsCommand,
  CreateTrailCommand,
  DeleteTrailCommand,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailCommand,
  GetTrailStatusCommand,
  ListTagsCommand,
  ListTrailsCommand,
  PutEventSelectorsCommand,
  RemoveTagsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
  type AdvancedEventSelector,
  type CreateTrailCommandInput,
  type EventSelector,
} from '@aws-sdk/client-cloudtrail';
import { CreateRoleCommand, PutRolePolicyCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutBucketRequestPaymentCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { EnableAWSServiceAccessCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { SandboxClock, startSandbox, type CloudTrailRecord, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  arnsOf,
  assume,
  clientsOf,
  DESTINATION,
  documentOf,
  failureOf,
  OUTSIDER,
  SOURCE,
  type Clients,
} from './clients.ts';

const LOGS = 'central-logs';
const DATA = 'acme-reports';
const ROLE = `arn:aws:iam::${DESTINATION}:role/reader`;
let aws: Sandbox;
let clock: SandboxClock;
let source: Clients;
let owner: Clients;
let outsider: Clients;
let app: Clients;

/** The policy that CloudTrail's guide asks for, for some trails. */
const logPolicy = (bucket: string, ...folders: string[]) =>
  documentOf(
    {
      Principal: { Service: 'cloudtrail.amazonaws.com' },
      Action: 's3:GetBucketAcl',
      Resource: `arn:aws:s3:::${bucket}`,
    },
    {
      Principal: { Service: 'cloudtrail.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: folders.map((folder) => `arn:aws:s3:::${bucket}/${folder}/*`),
      Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
    },
  );

beforeAll(async () => {
  clock = new SandboxClock();
  aws = await startSandbox({
    clock,
    config: {
      accounts: [{ id: SOURCE, users: [{ name: 'app' }] }, { id: DESTINATION }, { id: OUTSIDER }],
      organization: { management: OUTSIDER, root: { accounts: [SOURCE] } },
    },
  });
  source = clientsOf(aws, aws.account(SOURCE).root);
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  outsider = clientsOf(aws, aws.account(OUTSIDER).root);
  app = clientsOf(aws, aws.account(SOURCE).users['app']!);
  const all = documentOf({ Action: '*', Resource: '*' });
  await source.iam.send(
    new PutUserPolicyCommand({ UserName: 'app', PolicyName: 'all', PolicyDocument: all }),
  );
  await owner.iam.send(
    new CreateRoleCommand({
      RoleName: 'reader',
      AssumeRolePolicyDocument: documentOf({ Action: 'sts:AssumeRole', Principal: { AWS: SOURCE } }),
    }),
  );
  await owner.iam.send(
    new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'all', PolicyDocument: all }),
  );
  await owner.s3.send(new CreateBucketCommand({ Bucket: DATA }));
  const Policy = documentOf({ Action: 's3:*', Principal: { AWS: SOURCE }, Resource: arnsOf(DATA) });
  await owner.s3.send(new PutBucketPolicyCommand({ Bucket: DATA, Policy }));
  // One account gathers the logs of all.
  await outsider.s3.send(new CreateBucketCommand({ Bucket: LOGS }));
  await outsider.s3.send(
    new PutBucketPolicyCommand({
      Bucket: LOGS,
      Policy: logPolicy(LOGS, `AWSLogs/${SOURCE}`, `AWSLogs/${DESTINATION}`, `team/AWSLogs/${DESTINATION}`),
    }),
  );
});
afterAll(() => aws.close());

const everything: EventSelector = {
  ReadWriteType: 'All',
  IncludeManagementEvents: true,
  DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3'] }],
};

async function startTrail(
  { cloudtrail }: Clients,
  input: Partial<CreateTrailCommandInput> & { Name: string },
  selectors: { EventSelectors?: EventSelector[]; AdvancedEventSelectors?: AdvancedEventSelector[] } = {
    EventSelectors: [everything],
  },
): Promise<string> {
  const { TrailARN } = await cloudtrail.send(new CreateTrailCommand({ S3BucketName: LOGS, ...input }));
  if (selectors.EventSelectors ?? selectors.AdvancedEventSelectors)
    await cloudtrail.send(new PutEventSelectorsCommand({ TrailName: input.Name, ...selectors }));
  await cloudtrail.send(new StartLoggingCommand({ Name: input.Name }));
  return TrailARN!;
}

async function endTrail({ cloudtrail }: Clients, Name: string): Promise<void> {
  await cloudtrail.send(new DeleteTrailCommand({ Name }));
}

async function keysUnder(Prefix: string, bucket = LOGS): Promise<string[]> {
  const { Contents = [] } = await outsider.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
  return Contents.map(({ Key }) => Key!);
}

/** Everything that files under a prefix hold. */
async function recordsUnder(prefix: string): Promise<CloudTrailRecord[]> {
  const records: CloudTrailRecord[] = [];
  for (const Key of await keysUnder(prefix)) {
    const { Body } = await outsider.s3.send(new GetObjectCommand({ Bucket: LOGS, Key }));
    const text = gunzipSync(await Body!.transformToByteArray()).toString('utf8');
    records.push(...(JSON.parse(text) as { Records: CloudTrailRecord[] }).Records);
  }
  return records;
}

describe('the settings of a trail', () => {
  test('are kept, described, changed and listed', async () => {
    const { cloudtrail } = owner;
    const made = await cloudtrail.send(
      new CreateTrailCommand({
        Name: 'settings',
        S3BucketName: LOGS,
        S3KeyPrefix: 'team',
        IsMultiRegionTrail: true,
        EnableLogFileValidation: true,
        TagsList: [{ Key: 'team', Value: 'audit' }],
      }),
    );
    const TrailARN = `arn:aws:cloudtrail:us-east-1:${DESTINATION}:trail/settings`;
    expect(made).toMatchObject({
      Name: 'settings',
      TrailARN,
      S3KeyPrefix: 'team',
      IncludeGlobalServiceEvents: true,
      IsMultiRegionTrail: true,
      LogFileValidationEnabled: true,
      IsOrganizationTrail: false,
    });
    const { Trail } = await cloudtrail.send(new GetTrailCommand({ Name: TrailARN }));
    expect(Trail).toMatchObject({ HomeRegion: 'us-east-1', HasCustomEventSelectors: false });
    expect(await cloudtrail.send(new GetTrailStatusCommand({ Name: 'settings' }))).toMatchObject({
      IsLogging: false,
    });
    expect(await cloudtrail.send(new GetEventSelectorsCommand({ TrailName: 'settings' }))).toMatchObject({
      TrailARN,
      EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [] }],
    });
    // In other regions a trail of all regions is a shadow; of other accounts nothing is to be seen.
    const elsewhere = clientsOf(aws, aws.account(DESTINATION).root, 'eu-west-1').cloudtrail;
    const { trailList } = await elsewhere.send(new DescribeTrailsCommand({}));
    expect(trailList).toMatchObject([{ TrailARN, HomeRegion: 'us-east-1' }]);
    const own = await elsewhere.send(new DescribeTrailsCommand({ includeShadowTrails: false }));
    expect(own.trailList).toEqual([]);
    expect((await source.cloudtrail.send(new ListTrailsCommand({}))).Trails).toEqual([]);
    expect((await cloudtrail.send(new ListTrailsCommand({}))).Trails).toEqual([
      { Name: 'settings', TrailARN, HomeRegion: 'us-east-1' },
    ]);
    await cloudtrail.send(
      new AddTagsCommand({ ResourceId: TrailARN, TagsList: [{ Key: 'cost', Value: '7' }] }),
    );
    await cloudtrail.send(new RemoveTagsCommand({ ResourceId: TrailARN, TagsList: [{ Key: 'team' }] }));
    const { ResourceTagList } = await cloudtrail.send(new ListTagsCommand({ ResourceIdList: [TrailARN] }));
    expect(ResourceTagList).toEqual([{ ResourceId: TrailARN, TagsList: [{ Key: 'cost', Value: '7' }] }]);
    const changed = await cloudtrail.send(
      new UpdateTrailCommand({ Name: 'settings', S3KeyPrefix: '', IsMultiRegionTrail: false }),
    );
    expect(changed).not.toHaveProperty('S3KeyPrefix');
    expect(changed).toMatchObject({ IsMultiRegionTrail: false, LogFileValidationEnabled: true });
    const far = await failureOf(elsewhere.send(new StartLoggingCommand({ Name: TrailARN })));
    expect(far.code).toBe('InvalidHomeRegionException');
    await cloudtrail.send(new DeleteTrailCommand({ Name: 'settings' }));
    const gone = await failureOf(cloudtrail.send(new GetTrailCommand({ Name: 'settings' })));
    expect(gone).toMatchObject({ code: 'TrailNotFoundException', status: 400 });
  });

  test.each<[string, Partial<CreateTrailCommandInput>, string]>([
    ['a name that is too short', { Name: 'ab' }, 'InvalidTrailNameException'],
    ['a name with two dashes', { Name: 'my--trail' }, 'InvalidTrailNameException'],
    ['a name that is an address', { Name: '192.168.5.4' }, 'InvalidTrailNameException'],
    ['a bucket that is not there', { S3BucketName: 'no-such-logs' }, 'S3BucketDoesNotExistException'],
    ['a name that no bucket has', { S3BucketName: 'Not_A_Bucket' }, 'InvalidS3BucketNameException'],
    ['a bucket without a policy for it', { S3BucketName: DATA }, 'InsufficientS3BucketPolicyException'],
    [
      'a prefix that the policy does not name',
      { S3KeyPrefix: 'mine' },
      'InsufficientS3BucketPolicyException',
    ],
    ['a prefix that is too long', { S3KeyPrefix: 'x'.repeat(201) }, 'InvalidS3PrefixException'],
    [
      'all regions without global services',
      { IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false },
      'InvalidParameterCombinationException',
    ],
    ['an organization that is another’s', { IsOrganizationTrail: true }, 'OrganizationsNotInUseException'],
    ['a topic', { SnsTopicName: 'topic' }, 'NotImplemented'],
    ['a tag twice', { TagsList: [{ Key: 'a' }, { Key: 'a' }] }, 'InvalidTagParameterException'],
  ])('cannot have %s', async (_, input, code) => {
    const command = new CreateTrailCommand({ Name: 'wrong', S3BucketName: LOGS, ...input });
    expect(await failureOf(owner.cloudtrail.send(command))).toMatchObject({ code });
    expect((await owner.cloudtrail.send(new ListTrailsCommand({}))).Trails).toEqual([]);
  });

  test('a bucket that the requester pays for takes no logs', async () => {
    await outsider.s3.send(new CreateBucketCommand({ Bucket: 'paid' }));
    const Policy = logPolicy('paid', `AWSLogs/${OUTSIDER}`);
    await outsider.s3.send(new PutBucketPolicyCommand({ Bucket: 'paid', Policy }));
    const RequestPaymentConfiguration = { Payer: 'Requester' as const };
    await outsider.s3.send(
      new PutBucketRequestPaymentCommand({ Bucket: 'paid', RequestPaymentConfiguration }),
    );
    const command = new CreateTrailCommand({ Name: 'paid', S3BucketName: 'paid' });
    expect((await failureOf(outsider.cloudtrail.send(command))).code).toBe(
      'InsufficientS3BucketPolicyException',
    );
  });

  test('are changed by whoever may', async () => {
    const arn = `arn:aws:cloudtrail:us-east-1:${SOURCE}:trail/mine`;
    await source.cloudtrail.send(new CreateTrailCommand({ Name: 'mine', S3BucketName: LOGS }));
    const narrow = await assume(app.sts, {
      RoleArn: ROLE,
      RoleSessionName: 'narrow',
      Policy: documentOf({
        Action: 'cloudtrail:*',
        Resource: `arn:aws:cloudtrail:*:${DESTINATION}:trail/allowed`,
      }),
    });
    const { cloudtrail } = clientsOf(aws, narrow);
    expect(await failureOf(cloudtrail.send(new GetTrailCommand({ Name: 'other' })))).toMatchObject({
      code: 'AccessDeniedException',
      message: expect.stringContaining(`arn:aws:cloudtrail:us-east-1:${DESTINATION}:trail/other`),
    });
    expect((await failureOf(cloudtrail.send(new GetTrailCommand({ Name: 'allowed' })))).code).toBe(
      'TrailNotFoundException',
    );
    expect((await failureOf(owner.cloudtrail.send(new StopLoggingCommand({ Name: arn })))).code).toBe(
      'AccessDeniedException',
    );
    await endTrail(source, 'mine');
  });
});

describe('event selectors', () => {
  const data = (...fields: AdvancedEventSelector['FieldSelectors'] & object): AdvancedEventSelector => ({
    FieldSelectors: [
      { Field: 'eventCategory', Equals: ['Data'] },
      { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
      ...fields,
    ],
  });
  beforeAll(async () => {
    await owner.cloudtrail.send(new CreateTrailCommand({ Name: 'selecting', S3BucketName: LOGS }));
  });
  afterAll(() => endTrail(owner, 'selecting'));

  test.each<[string, EventSelector[], AdvancedEventSelector[]]>([
    ['none', [], []],
    ['both kinds', [everything], [data()]],
    ['six basic ones', Array.from({ length: 6 }, () => everything), []],
    ['a kind that is none', [{ ReadWriteType: 'Some' as 'All' }], []],
    [
      'a type that basic ones do not know',
      [{ DataResources: [{ Type: 'AWS::S3::AccessPoint', Values: ['arn:aws:s3'] }] }],
      [],
    ],
    [
      'a resource that is no ARN',
      [{ DataResources: [{ Type: 'AWS::S3::Object', Values: ['bucket/'] }] }],
      [],
    ],
    ['a service that cannot be left out', [{ ExcludeManagementEventSources: ['iam.amazonaws.com'] }], []],
    ['one that takes nothing', [{ IncludeManagementEvents: false }], []],
    ['no category', [], [{ FieldSelectors: [{ Field: 'readOnly', Equals: ['true'] }] }]],
    [
      'a field of another category',
      [],
      [
        {
          FieldSelectors: [
            { Field: 'eventCategory', Equals: ['Management'] },
            { Field: 'resources.ARN', Equals: ['x'] },
          ],
        },
      ],
    ],
    ['no type of resource', [], [{ FieldSelectors: [{ Field: 'eventCategory', Equals: ['Data'] }] }]],
    [
      'a field twice',
      [],
      [data({ Field: 'readOnly', Equals: ['true'] }, { Field: 'readOnly', Equals: ['false'] })],
    ],
    ['a field without a condition', [], [data({ Field: 'eventName' })]],
    ['a condition that the field does not take', [], [data({ Field: 'readOnly', NotEquals: ['true'] })]],
    [
      'too many values',
      [],
      [data({ Field: 'eventName', Equals: Array.from({ length: 500 }, (_, i) => `E${i}`) })],
    ],
  ])('cannot be %s', async (_, EventSelectors, AdvancedEventSelectors) => {
    const command = new PutEventSelectorsCommand({
      TrailName: 'selecting',
      EventSelectors,
      AdvancedEventSelectors,
    });
    expect(await failureOf(owner.cloudtrail.send(command))).toMatchObject({
      code: 'InvalidEventSelectorsException',
      status: 400,
    });
  });

  test('are given back as they were', async () => {
    const AdvancedEventSelectors = [
      {
        Name: 'writes',
        ...data({ Field: 'resources.ARN', StartsWith: ['arn:aws:s3:::a/'], NotEndsWith: ['.tmp'] }),
      },
    ];
    const put = new PutEventSelectorsCommand({ TrailName: 'selecting', AdvancedEventSelectors });
    await owner.cloudtrail.send(put);
    const found = await owner.cloudtrail.send(new GetEventSelectorsCommand({ TrailName: 'selecting' }));
    expect(found).toMatchObject({ AdvancedEventSelectors });
    expect(found.EventSelectors).toBeUndefined();
  });
});

describe('delivery', () => {
  test('brings each cross-account call twice, into the logs of both accounts', async () => {
    const mine = await startTrail(source, { Name: 'both-source' });
    await startTrail(owner, { Name: 'both-owner' });
    await app.s3.send(new PutObjectCommand({ Bucket: DATA, Key: 'by-policy', Body: 'x' }));
    const session = await assume(app.sts, { RoleArn: ROLE, RoleSessionName: 'by-role' });
    await clientsOf(aws, session).s3.send(new PutObjectCommand({ Bucket: DATA, Key: 'by-role', Body: 'x' }));
    await failureOf(outsider.s3.send(new GetObjectCommand({ Bucket: DATA, Key: 'by-policy' })));
    await aws.deliverTrails();

    const [ofSource, ofOwner] = await Promise.all([
      recordsUnder(`AWSLogs/${SOURCE}/CloudTrail/`),
      recordsUnder(`AWSLogs/${DESTINATION}/CloudTrail/`),
    ]);
    expect(new Set(ofSource.map(({ recipientAccountId }) => recipientAccountId))).toEqual(new Set([SOURCE]));
    expect(new Set(ofOwner.map(({ recipientAccountId }) => recipientAccountId))).toEqual(
      new Set([DESTINATION]),
    );
    const put = (records: CloudTrailRecord[], key: string) =>
      records.filter(
        ({ eventName, requestParameters }) => eventName === 'PutObject' && requestParameters?.['key'] === key,
      );
    // By the bucket's policy: the caller's copy and the owner's.
    const [called, received] = [put(ofSource, 'by-policy'), put(ofOwner, 'by-policy')];
    expect([called.length, received.length]).toEqual([1, 1]);
    expect(received[0]!.sharedEventID).toBe(called[0]!.sharedEventID);
    expect(received[0]!.eventID).not.toBe(called[0]!.eventID);
    // By the role: the session is the owner's own, and leads back by its key.
    expect(put(ofSource, 'by-role')).toEqual([]);
    const [used] = put(ofOwner, 'by-role');
    const key = used!.userIdentity['accessKeyId'];
    const assumed = (records: CloudTrailRecord[]) =>
      records.find(
        ({ eventName, responseElements }) =>
          eventName === 'AssumeRole' &&
          (responseElements?.['credentials'] as { accessKeyId: string } | undefined)?.accessKeyId === key,
      );
    expect(assumed(ofOwner)).toMatchObject({ userIdentity: { type: 'AWSAccount', accountId: SOURCE } });
    expect(assumed(ofSource)).toMatchObject({
      userIdentity: { type: 'IAMUser', userName: 'app' },
      sharedEventID: assumed(ofOwner)!.sharedEventID,
    });
    // Who has no part in them gets none.
    expect(
      ofOwner.some(({ errorCode, eventName }) => eventName === 'GetObject' && errorCode === 'AccessDenied'),
    ).toBe(true);
    expect(ofSource.every(({ eventName }) => eventName !== 'GetObject')).toBe(true);
    expect(await source.cloudtrail.send(new GetTrailStatusCommand({ Name: mine }))).toMatchObject({
      IsLogging: true,
      LatestDeliveryTime: expect.any(Date),
    });
    await Promise.all([endTrail(source, 'both-source'), endTrail(owner, 'both-owner')]);
  });

  test('writes files by account, region and day, by the clock, as CloudTrail itself', async () => {
    await startTrail(owner, { Name: 'files', S3KeyPrefix: 'team' });
    await owner.s3.send(new GetObjectCommand({ Bucket: DATA, Key: 'by-policy' }));
    const folder = `team/AWSLogs/${DESTINATION}/CloudTrail/us-east-1/`;
    expect(await keysUnder(folder)).toEqual([]);
    clock.advance(6 * 60_000);
    await expect.poll(() => keysUnder(folder), { timeout: 5000 }).toHaveLength(1);
    const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    const [key] = await keysUnder(folder);
    expect(key).toMatch(
      new RegExp(
        `^${folder}${day}/${DESTINATION}_CloudTrail_us-east-1_\\d{8}T\\d{4}Z_[A-Za-z0-9]{16}\\.json\\.gz$`,
      ),
    );
    const written = aws
      .records('data')
      .findLast(({ requestParameters }) => requestParameters?.['key'] === key);
    expect(written).toMatchObject({
      recipientAccountId: OUTSIDER,
      userIdentity: { type: 'AWSService', invokedBy: 'cloudtrail.amazonaws.com' },
      sourceIPAddress: 'cloudtrail.amazonaws.com',
      userAgent: 'cloudtrail.amazonaws.com',
      requestParameters: { 'x-amz-acl': 'bucket-owner-full-control' },
    });
    await endTrail(owner, 'files');
  });

  test('keeps what a bucket does not take, says so, and tries again', async () => {
    const Policy = logPolicy('late', `AWSLogs/${OUTSIDER}`);
    await outsider.s3.send(new CreateBucketCommand({ Bucket: 'late' }));
    await outsider.s3.send(new PutBucketPolicyCommand({ Bucket: 'late', Policy }));
    await startTrail(outsider, { Name: 'late', S3BucketName: 'late' }, {});
    await outsider.s3.send(new DeleteBucketPolicyCommand({ Bucket: 'late' }));
    await aws.deliverTrails();
    const status = new GetTrailStatusCommand({ Name: 'late' });
    expect(await outsider.cloudtrail.send(status)).toMatchObject({ LatestDeliveryError: 'AccessDenied' });
    await outsider.s3.send(new PutBucketPolicyCommand({ Bucket: 'late', Policy }));
    await aws.deliverTrails();
    expect((await outsider.cloudtrail.send(status)).LatestDeliveryError).toBeUndefined();
    expect(await keysUnder('AWSLogs/', 'late')).not.toEqual([]);
    await endTrail(outsider, 'late');
  });

  test('is held to the trail that a bucket policy names', async () => {
    const arn = `arn:aws:cloudtrail:us-east-1:${OUTSIDER}:trail/named`;
    const Condition = { StringEquals: { 'aws:SourceArn': arn, 'aws:SourceAccount': OUTSIDER } };
    const Policy = documentOf({
      Principal: { Service: 'cloudtrail.amazonaws.com' },
      Action: ['s3:GetBucketAcl', 's3:PutObject'],
      Resource: arnsOf('named'),
      Condition,
    });
    await outsider.s3.send(new CreateBucketCommand({ Bucket: 'named' }));
    await outsider.s3.send(new PutBucketPolicyCommand({ Bucket: 'named', Policy }));
    const create = (Name: string) =>
      outsider.cloudtrail.send(new CreateTrailCommand({ Name, S3BucketName: 'named' }));
    expect((await failureOf(create('another'))).code).toBe('InsufficientS3BucketPolicyException');
    await create('named');
    await endTrail(outsider, 'named');
  });

  test('takes what selectors take', async () => {
    const object = (name: string) => ({ Bucket: DATA, Key: name });
    await startTrail(
      owner,
      { Name: 'narrow' },
      {
        AdvancedEventSelectors: [
          {
            FieldSelectors: [
              { Field: 'eventCategory', Equals: ['Data'] },
              { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
              { Field: 'resources.ARN', StartsWith: [`arn:aws:s3:::${DATA}/in/`], NotEndsWith: ['.tmp'] },
            ],
          },
        ],
      },
    );
    for (const name of ['in/a', 'in/b.tmp', 'out/c'])
      await owner.s3.send(new PutObjectCommand({ ...object(name), Body: name }));
    await owner.s3.send(new GetObjectCommand(object('in/a')));
    await owner.s3.send(new ListObjectsV2Command({ Bucket: DATA, Prefix: 'in/' }));
    await owner.s3.send(new ListObjectsV2Command({ Bucket: DATA }));
    await owner.cloudtrail.send(
      new PutEventSelectorsCommand({
        TrailName: 'narrow',
        EventSelectors: [
          {
            ReadWriteType: 'WriteOnly',
            DataResources: [{ Type: 'AWS::S3::Object', Values: [`arn:aws:s3:::${DATA}/in/`] }],
          },
        ],
      }),
    );
    await owner.s3.send(new GetObjectCommand(object('in/a')));
    await owner.s3.send(new PutObjectCommand({ ...object('in/d'), Body: 'd' }));
    const before = await keysUnder(`AWSLogs/${DESTINATION}/CloudTrail/`);
    await aws.deliverTrails();
    const records: CloudTrailRecord[] = [];
    for (const key of await keysUnder(`AWSLogs/${DESTINATION}/CloudTrail/`))
      if (!before.includes(key)) records.push(...(await recordsUnder(key)));
    expect(
      records.map(({ eventName, requestParameters }) => [
        eventName,
        requestParameters?.['key'] ?? requestParameters?.['prefix'] ?? requestParameters?.['trailName'],
      ]),
    ).toEqual([
      ['PutObject', 'in/a'],
      ['GetObject', 'in/a'],
      ['ListObjects', 'in/'],
      ['PutEventSelectors', 'narrow'],
      ['PutObject', 'in/d'],
    ]);
    await endTrail(owner, 'narrow');
  });

  test('ends with the call that stops it', async () => {
    await startTrail(owner, { Name: 'stopping' }, {});
    await owner.cloudtrail.send(new StopLoggingCommand({ Name: 'stopping' }));
    await owner.cloudtrail.send(new GetTrailCommand({ Name: 'stopping' }));
    const before = await keysUnder(`AWSLogs/${DESTINATION}/CloudTrail/`);
    await aws.deliverTrails();
    const added = (await keysUnder(`AWSLogs/${DESTINATION}/CloudTrail/`)).filter(
      (key) => !before.includes(key),
    );
    const names = (await Promise.all(added.map((key) => recordsUnder(key))))
      .flat()
      .map(({ eventName }) => eventName);
    expect(names).toContain('StopLogging');
    expect(names).not.toContain('GetTrail');
    await endTrail(owner, 'stopping');
  });
});

describe('an organization trail', () => {
  test('logs every account of the organization, into folders under its id', async () => {
    const management = new OrganizationsClient({
      region: 'us-east-1',
      endpoint: aws.endpoint,
      credentials: aws.account(OUTSIDER).root,
      maxAttempts: 1,
    });
    await outsider.s3.send(new CreateBucketCommand({ Bucket: 'org-logs' }));
    const Policy = logPolicy('org-logs', 'AWSLogs');
    await outsider.s3.send(new PutBucketPolicyCommand({ Bucket: 'org-logs', Policy }));
    const input = { Name: 'organization', S3BucketName: 'org-logs', IsOrganizationTrail: true };
    const create = (clients: Clients) => failureOf(clients.cloudtrail.send(new CreateTrailCommand(input)));
    expect((await create(outsider)).code).toBe('CloudTrailAccessNotEnabledException');
    expect((await create(source)).code).toBe('NotOrganizationMasterAccountException');
    await management.send(
      new EnableAWSServiceAccessCommand({ ServicePrincipal: 'cloudtrail.amazonaws.com' }),
    );
    await startTrail(outsider, input);
    await app.s3.send(new GetObjectCommand({ Bucket: DATA, Key: 'by-policy' }));
    await aws.deliverTrails();
    const folders = new Set(
      (await keysUnder('AWSLogs/', 'org-logs')).map((key) => key.split('/').slice(1, 3).join('/')),
    );
    expect(folders).toEqual(
      new Set([
        expect.stringMatching(new RegExp(`^o-[a-z0-9]+/${SOURCE}$`)),
        expect.stringMatching(new RegExp(`^o-[a-z0-9]+/${OUTSIDER}$`)),
      ]),
    );
    // Its members see it, and cannot change it.
    expect((await source.cloudtrail.send(new ListTrailsCommand({}))).Trails).toMatchObject([
      { Name: 'organization' },
    ]);
    await endTrail(outsider, 'organization');
  });
});
