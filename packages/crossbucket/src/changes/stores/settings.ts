import type { ObjectOwnership } from '@aws-sdk/client-s3';
import type { DocumentRef } from '../document-ref.ts';
import { orNull, type Store } from './store.ts';

/** What is no policy; the text is the value as JSON. */
type Of<K extends DocumentRef['kind']> = Store<Extract<DocumentRef, { kind: K }>>;

const textOf = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);
const valueOf = <T>(text: string): T => JSON.parse(text) as T;

/** Object Ownership of a bucket. https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html */
export const OWNERSHIP: Of<'ownership'> = {
  reads: () => 's3:GetBucketOwnershipControls',
  writes: () => 's3:PutBucketOwnershipControls',
  async read({ clients }, { account, bucket, region }) {
    const { GetBucketOwnershipControlsCommand } = await import('@aws-sdk/client-s3');
    const client = await clients.s3(region);
    const at = { Bucket: bucket, ExpectedBucketOwner: account };
    const found = await orNull(
      client.send(new GetBucketOwnershipControlsCommand(at)),
      'OwnershipControlsNotFoundError',
    );
    return textOf(found?.OwnershipControls?.Rules?.[0]?.ObjectOwnership);
  },
  async write({ clients }, { account, bucket, region }, text) {
    const { DeleteBucketOwnershipControlsCommand, PutBucketOwnershipControlsCommand } =
      await import('@aws-sdk/client-s3');
    const client = await clients.s3(region);
    const at = { Bucket: bucket, ExpectedBucketOwner: account };
    if (text === null) {
      await client.send(new DeleteBucketOwnershipControlsCommand(at));
      return;
    }
    const Rules = [{ ObjectOwnership: valueOf<ObjectOwnership>(text) }];
    await client.send(new PutBucketOwnershipControlsCommand({ ...at, OwnershipControls: { Rules } }));
  },
};

/** For how many seconds sessions of a role may last. */
export const MAX_SESSION: Of<'max-session'> = {
  reads: () => 'iam:GetRole',
  writes: () => 'iam:UpdateRole',
  async read({ clients, region }, { role: RoleName }) {
    const { GetRoleCommand } = await import('@aws-sdk/client-iam');
    const client = await clients.iam(region);
    const found = await orNull(
      client.send(new GetRoleCommand({ RoleName })),
      'NoSuchEntity',
      'NoSuchEntityException',
    );
    return found === null ? null : textOf(found.Role?.MaxSessionDuration ?? 3600);
  },
  async write({ clients, region }, { role: RoleName }, text) {
    if (text === null) throw new Error('sessions of a role have a limit at all times');
    const { UpdateRoleCommand } = await import('@aws-sdk/client-iam');
    const client = await clients.iam(region);
    await client.send(new UpdateRoleCommand({ RoleName, MaxSessionDuration: valueOf<number>(text) }));
  },
};

/** Whether a key is enabled. https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
export const KEY_STATE: Of<'key-state'> = {
  reads: () => 'kms:DescribeKey',
  writes: (_, text, current) =>
    current !== null && valueOf<string>(current) === 'PendingDeletion'
      ? 'kms:CancelKeyDeletion'
      : text !== null && valueOf<string>(text) === 'Enabled'
        ? 'kms:EnableKey'
        : 'kms:DisableKey',
  async read({ clients }, { key }) {
    const { DescribeKeyCommand } = await import('@aws-sdk/client-kms');
    const client = await clients.kms(key.split(':')[3] ?? '');
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: key }));
    return textOf(KeyMetadata?.KeyState);
  },
  async write({ clients }, { key }, text, current) {
    const { CancelKeyDeletionCommand, DisableKeyCommand, EnableKeyCommand } =
      await import('@aws-sdk/client-kms');
    const client = await clients.kms(key.split(':')[3] ?? '');
    const wanted = text === null ? undefined : valueOf<string>(text);
    if (wanted !== 'Enabled' && wanted !== 'Disabled')
      throw new Error(`a key is not made ${wanted ?? 'nothing'} by a change`);
    if (current !== null && valueOf<string>(current) === 'PendingDeletion')
      await client.send(new CancelKeyDeletionCommand({ KeyId: key }));
    if (wanted === 'Enabled') await client.send(new EnableKeyCommand({ KeyId: key }));
    else await client.send(new DisableKeyCommand({ KeyId: key }));
  },
};
