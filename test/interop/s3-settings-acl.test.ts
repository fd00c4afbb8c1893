import {
  CreateBucketCommand,
  DeleteBucketOwnershipControlsCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetBucketOwnershipControlsCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketAclCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  type ObjectCannedACL,
  type ObjectOwnership,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
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

let aws: Sandbox;
let owner: Clients;
let writer: Clients;
let outsider: Clients;
/** Canonical ids by account. */
const ids: Record<string, string> = {};

const ALL_USERS = 'http://acs.amazonaws.com/groups/global/AllUsers';

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION, OUTSIDER] });
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  writer = clientsOf(aws, aws.account(SOURCE).root);
  outsider = clientsOf(aws, aws.account(OUTSIDER).root);
  await owner.s3.send(new CreateBucketCommand({ Bucket: 'enforced' }));
  for (const [account, clients] of [
    [SOURCE, writer],
    [DESTINATION, owner],
    [OUTSIDER, outsider],
  ] as const) {
    const Bucket = `whose-${account}`;
    await clients.s3.send(new CreateBucketCommand({ Bucket }));
    ids[account] = (await clients.s3.send(new GetBucketAclCommand({ Bucket }))).Owner!.ID!;
  }
});
afterAll(() => aws.close());

/** A bucket of the owner's whose policy lets everybody of the source account write and read. */
async function shared(Bucket: string, ObjectOwnership?: ObjectOwnership): Promise<void> {
  await owner.s3.send(new CreateBucketCommand({ Bucket, ...(ObjectOwnership && { ObjectOwnership }) }));
  await owner.s3.send(
    new PutBucketPolicyCommand({
      Bucket,
      Policy: documentOf({
        Principal: { AWS: [SOURCE, OUTSIDER] },
        Action: ['s3:PutObject', 's3:PutObjectAcl', 's3:GetObject', 's3:GetObjectAcl'],
        Resource: arnsOf(Bucket)[1],
      }),
    }),
  );
}

const put = (by: Clients, Bucket: string, Key: string, ACL?: ObjectCannedACL) =>
  by.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...(ACL && { ACL }) }));
const get = (by: Clients, Bucket: string, Key: string) => by.s3.send(new GetObjectCommand({ Bucket, Key }));
const ownerOf = async (Bucket: string, Key: string): Promise<string | undefined> => {
  const { Contents } = await owner.s3.send(new ListObjectsV2Command({ Bucket, FetchOwner: true }));
  return Contents?.find((object) => object.Key === Key)?.Owner?.ID;
};
const user = (account: string, Permission: string) => ({
  Grantee: expect.objectContaining({ Type: 'CanonicalUser', ID: ids[account] }),
  Permission,
});

describe('object ownership', () => {
  test('is BucketOwnerEnforced in a new bucket, changes and can be removed', async () => {
    const Bucket = 'modes';
    const read = () => owner.s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    await owner.s3.send(new CreateBucketCommand({ Bucket }));
    expect((await read()).OwnershipControls?.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
    const set = (ObjectOwnership: string) =>
      owner.s3.send(
        new PutBucketOwnershipControlsCommand({
          Bucket,
          OwnershipControls: { Rules: [{ ObjectOwnership: ObjectOwnership as ObjectOwnership }] },
        }),
      );
    await set('BucketOwnerPreferred');
    expect((await read()).OwnershipControls?.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerPreferred' }]);
    expect(await failureOf(set('Nobody'))).toMatchObject({ code: 'MalformedXML', status: 400 });
    await owner.s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket }));
    expect(await failureOf(read())).toMatchObject({ code: 'OwnershipControlsNotFoundError', status: 404 });
  });

  test('cannot be enforced while the ACL grants somebody else something', async () => {
    const Bucket = 'still-granting';
    await owner.s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
    const grant = (GrantRead: string) => owner.s3.send(new PutBucketAclCommand({ Bucket, GrantRead }));
    const enforce = () =>
      owner.s3.send(
        new PutBucketOwnershipControlsCommand({
          Bucket,
          OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        }),
      );
    await grant(`id="${ids[SOURCE]}"`);
    expect(await failureOf(enforce())).toMatchObject({
      code: 'InvalidBucketAclWithObjectOwnership',
      status: 400,
    });
    await grant(`id="${ids[DESTINATION]}"`);
    await expect(enforce()).resolves.toBeDefined();
  });

  test('enforced makes everything the bucket owner’s', async () => {
    await shared('all-mine');
    await put(writer, 'all-mine', 'k');
    expect(await ownerOf('all-mine', 'k')).toBe(ids[DESTINATION]);
    await expect(get(owner, 'all-mine', 'k')).resolves.toBeDefined();
    await expect(get(outsider, 'all-mine', 'k')).resolves.toBeDefined();
  });

  test('preferred hands over what is written with bucket-owner-full-control, and nothing else', async () => {
    await shared('preferred', 'BucketOwnerPreferred');
    await put(writer, 'preferred', 'handed-over', 'bucket-owner-full-control');
    await put(writer, 'preferred', 'kept');
    expect(await ownerOf('preferred', 'handed-over')).toBe(ids[DESTINATION]);
    expect(await ownerOf('preferred', 'kept')).toBe(ids[SOURCE]);
    await expect(get(owner, 'preferred', 'handed-over')).resolves.toBeDefined();
  });

  test('of the writer keeps bucket owner and bucket policy away from the object', async () => {
    await shared('writers', 'ObjectWriter');
    await put(writer, 'writers', 'kept');
    await put(writer, 'writers', 'shared', 'bucket-owner-full-control');
    const denied = await failureOf(get(owner, 'writers', 'kept'));
    expect(denied).toMatchObject({ code: 'AccessDenied', status: 403 });
    expect(aws.decision(denied.requestId!)?.causes[0]?.code).toBe('object-ownership');
    // The policy's Allow for the outsider does not reach it either, while the writer needs no more than itself.
    expect(await failureOf(get(outsider, 'writers', 'kept'))).toMatchObject({ code: 'AccessDenied' });
    await expect(get(writer, 'writers', 'kept')).resolves.toBeDefined();
    // Full control is access; the object is still the writer's.
    await expect(get(owner, 'writers', 'shared')).resolves.toBeDefined();
    expect(await ownerOf('writers', 'shared')).toBe(ids[SOURCE]);
    expect(await failureOf(get(outsider, 'writers', 'shared'))).toMatchObject({ code: 'AccessDenied' });
    // Whoever owns the bucket may take ownership of all in it.
    await owner.s3.send(
      new PutBucketOwnershipControlsCommand({
        Bucket: 'writers',
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      }),
    );
    await expect(get(owner, 'writers', 'kept')).resolves.toBeDefined();
    await expect(get(outsider, 'writers', 'kept')).resolves.toBeDefined();
  });
});

test('a bucket policy names an account by its canonical id, if there is one of that id', async () => {
  const Bucket = 'canonical';
  await owner.s3.send(new CreateBucketCommand({ Bucket }));
  await put(owner, Bucket, 'k');
  const allow = (CanonicalUser?: string) =>
    owner.s3.send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: documentOf({
          Principal: { CanonicalUser },
          Action: 's3:GetObject',
          Resource: arnsOf(Bucket)[1],
        }),
      }),
    );
  await allow(ids[SOURCE]);
  await expect(get(writer, Bucket, 'k')).resolves.toBeDefined();
  expect(await failureOf(get(outsider, Bucket, 'k'))).toMatchObject({ code: 'AccessDenied' });
  expect(await failureOf(allow('f'.repeat(64)))).toMatchObject({
    code: 'MalformedPolicy',
    message: 'Invalid principal in policy',
  });
});

describe('ACLs that are disabled', () => {
  test('are refused, but for what they come to anyway', async () => {
    await shared('disabled');
    for (const ACL of ['private', 'public-read', 'bucket-owner-read'] as const)
      expect(await failureOf(put(writer, 'disabled', 'k', ACL))).toMatchObject({
        code: 'AccessControlListNotSupported',
        status: 400,
      });
    await expect(put(writer, 'disabled', 'k', 'bucket-owner-full-control')).resolves.toBeDefined();
    const grant = (GrantFullControl: string) =>
      owner.s3.send(new PutObjectAclCommand({ Bucket: 'disabled', Key: 'k', GrantFullControl }));
    await expect(grant(`id="${ids[DESTINATION]}"`)).resolves.toBeDefined();
    expect(await failureOf(grant(`id="${ids[SOURCE]}"`))).toMatchObject({
      code: 'AccessControlListNotSupported',
    });
    expect(
      await failureOf(owner.s3.send(new PutBucketAclCommand({ Bucket: 'disabled', ACL: 'private' }))),
    ).toMatchObject({ code: 'AccessControlListNotSupported' });
  });

  test('read as full control for the bucket owner', async () => {
    const acl = await owner.s3.send(new GetBucketAclCommand({ Bucket: 'enforced' }));
    expect(acl.Grants).toEqual([user(DESTINATION, 'FULL_CONTROL')]);
    await put(owner, 'enforced', 'k');
    const object = await owner.s3.send(new GetObjectAclCommand({ Bucket: 'enforced', Key: 'k' }));
    expect(object).toMatchObject({
      Owner: { ID: ids[DESTINATION] },
      Grants: [user(DESTINATION, 'FULL_CONTROL')],
    });
  });

  test('cannot be asked of a new bucket', async () => {
    const make = (input: { ACL?: 'public-read'; GrantRead?: string }) =>
      owner.s3.send(new CreateBucketCommand({ Bucket: 'never-made', ...input }));
    const refused = { code: 'InvalidBucketAclWithObjectOwnership', status: 400 };
    expect(await failureOf(make({ ACL: 'public-read' }))).toMatchObject(refused);
    expect(await failureOf(make({ GrantRead: `id=${ids[SOURCE]}` }))).toMatchObject(refused);
  });
});

describe('ACLs that are enabled', () => {
  test('open a bucket and its objects to other accounts by their canonical ids', async () => {
    const Bucket = 'by-id';
    await owner.s3.send(
      new CreateBucketCommand({
        Bucket,
        ObjectOwnership: 'BucketOwnerPreferred',
        GrantRead: `id="${ids[SOURCE]}"`,
      }),
    );
    await owner.s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'k',
        Body: 'x',
        GrantRead: `id="${ids[SOURCE]}", id="${ids[OUTSIDER]}"`,
      }),
    );
    const list = (by: Clients) => by.s3.send(new ListObjectsV2Command({ Bucket }));
    await expect(list(writer)).resolves.toMatchObject({ KeyCount: 1 });
    expect(await failureOf(list(outsider))).toMatchObject({ code: 'AccessDenied' });
    await expect(get(outsider, Bucket, 'k')).resolves.toBeDefined();
    expect(await failureOf(put(writer, Bucket, 'k2'))).toMatchObject({ code: 'AccessDenied' });
    const acl = await owner.s3.send(new GetObjectAclCommand({ Bucket, Key: 'k' }));
    expect(acl.Grants).toEqual([user(SOURCE, 'READ'), user(OUTSIDER, 'READ')]);
  });

  test('that let another account write let it give what it writes an ACL, and no more', async () => {
    const Bucket = 'written-by-id';
    await owner.s3.send(
      new CreateBucketCommand({
        Bucket,
        ObjectOwnership: 'ObjectWriter',
        GrantWrite: `id="${ids[SOURCE]}"`,
        GrantFullControl: `id="${ids[DESTINATION]}"`,
      }),
    );
    await put(writer, Bucket, 'k', 'bucket-owner-read');
    await expect(get(owner, Bucket, 'k')).resolves.toBeDefined();
    await put(owner, Bucket, 'own');
    const change = writer.s3.send(new PutObjectAclCommand({ Bucket, Key: 'own', ACL: 'bucket-owner-read' }));
    expect(await failureOf(change)).toMatchObject({ code: 'AccessDenied' });
    expect(await failureOf(put(outsider, Bucket, 'k', 'private'))).toMatchObject({ code: 'AccessDenied' });
  });

  test('to everybody who signs leave out those who do not', async () => {
    const Bucket = 'signers';
    await owner.s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
    await owner.s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await put(owner, Bucket, 'k', 'authenticated-read');
    await expect(get(outsider, Bucket, 'k')).resolves.toBeDefined();
    expect((await fetch(`${aws.endpoint}/${Bucket}/k`)).status).toBe(403);
  });

  test('are written as a document and read back', async () => {
    const Bucket = 'documents';
    await owner.s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
    const write = (AccessControlPolicy: PutBucketAclCommand['input']['AccessControlPolicy']) =>
      owner.s3.send(new PutBucketAclCommand({ Bucket, AccessControlPolicy }));
    const Owner = { ID: ids[DESTINATION] };
    const toSource = {
      Grantee: { Type: 'CanonicalUser' as const, ID: ids[SOURCE] },
      Permission: 'WRITE' as const,
    };
    const toLogs = {
      Grantee: { Type: 'Group' as const, URI: 'http://acs.amazonaws.com/groups/s3/LogDelivery' },
      Permission: 'READ_ACP' as const,
    };
    await write({ Owner, Grants: [toSource, toLogs] });
    const { Grants } = await owner.s3.send(new GetBucketAclCommand({ Bucket }));
    expect(Grants).toEqual([user(SOURCE, 'WRITE'), toLogs]);
    await expect(put(writer, Bucket, 'k')).resolves.toBeDefined();
    expect(await failureOf(put(outsider, Bucket, 'k'))).toMatchObject({ code: 'AccessDenied' });

    expect(await failureOf(write({ Owner: { ID: ids[SOURCE] }, Grants: [] }))).toMatchObject({ status: 403 });
    expect(await failureOf(write({ Grants: [toSource] }))).toMatchObject({ code: 'MalformedACLError' });
    const nobody = { ...toSource, Grantee: { Type: 'CanonicalUser' as const, ID: 'f'.repeat(64) } };
    expect(await failureOf(write({ Owner, Grants: [nobody] }))).toMatchObject({
      code: 'InvalidArgument',
      message: 'Invalid id',
    });
    const byMail = {
      Grantee: { Type: 'AmazonCustomerByEmail' as const, EmailAddress: 'a@example.com' },
      Permission: 'READ' as const,
    };
    expect(await failureOf(write({ Owner, Grants: [byMail] }))).toMatchObject({ status: 405 });
    expect(
      await failureOf(owner.s3.send(new PutBucketAclCommand({ Bucket, ACL: 'private', GrantRead: 'id=x' }))),
    ).toMatchObject({ code: 'InvalidRequest' });
  });

  test('of an object are changed by its owner, and by nobody to whom they do not give that', async () => {
    await shared('object-acls', 'ObjectWriter');
    await put(writer, 'object-acls', 'k');
    const change = (by: Clients, ACL: ObjectCannedACL) =>
      by.s3.send(new PutObjectAclCommand({ Bucket: 'object-acls', Key: 'k', ACL }));
    expect(await failureOf(change(owner, 'bucket-owner-full-control'))).toMatchObject({
      code: 'AccessDenied',
    });
    await change(writer, 'bucket-owner-full-control');
    const { Grants } = await owner.s3.send(new GetObjectAclCommand({ Bucket: 'object-acls', Key: 'k' }));
    expect(Grants).toEqual([user(SOURCE, 'FULL_CONTROL'), user(DESTINATION, 'FULL_CONTROL')]);
    await expect(get(owner, 'object-acls', 'k')).resolves.toBeDefined();
    await change(owner, 'private');
    expect(await failureOf(get(owner, 'object-acls', 'k'))).toMatchObject({ code: 'AccessDenied' });
    expect(
      await failureOf(
        owner.s3.send(new PutObjectAclCommand({ Bucket: 'object-acls', Key: 'none', ACL: 'private' })),
      ),
    ).toMatchObject({ code: 'NoSuchKey' });
  });

  test('that are public need Block Public Access out of the way, in a header as in a document', async () => {
    const Bucket = 'public-acls';
    const publicly = { Bucket, ObjectOwnership: 'ObjectWriter' as const, ACL: 'public-read' as const };
    expect(await failureOf(owner.s3.send(new CreateBucketCommand(publicly)))).toMatchObject({
      code: 'InvalidBucketAclWithBlockPublicAccessError',
    });
    await owner.s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
    const byHeader = () => owner.s3.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read' }));
    const byDocument = () =>
      owner.s3.send(
        new PutBucketAclCommand({
          Bucket,
          AccessControlPolicy: {
            Owner: { ID: ids[DESTINATION] },
            Grants: [{ Grantee: { Type: 'Group', URI: ALL_USERS }, Permission: 'READ' }],
          },
        }),
      );
    const because =
      'because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.';
    for (const attempt of [byHeader, byDocument])
      expect(await failureOf(attempt())).toMatchObject({
        code: 'AccessDenied',
        status: 403,
        message: expect.stringContaining(because),
      });
    expect(await failureOf(put(owner, Bucket, 'k', 'public-read'))).toMatchObject({
      message: expect.stringContaining('BlockPublicAcls'),
    });
    await owner.s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await byDocument();
    await byHeader();
    await put(owner, Bucket, 'open', 'public-read');
    await put(owner, Bucket, 'closed');
    const anonymously = async (path: string) => (await fetch(`${aws.endpoint}/${Bucket}/${path}`)).status;
    expect(await anonymously('open')).toBe(200);
    expect(await anonymously('closed')).toBe(403);
    expect(await anonymously('?list-type=2')).toBe(200);
    await expect(get(outsider, Bucket, 'open')).resolves.toBeDefined();
  });
});
