import type { DocumentRef } from '../document-ref.ts';
import { orNull, type Store } from './store.ts';

type AccessPointPolicy = Extract<DocumentRef, { kind: 'access-point-policy' }>;

function placeOf(arn: string): { region: string; AccountId: string; Name: string } {
  const [, , , region = '', AccountId = ''] = arn.split(':');
  return { region, AccountId, Name: arn.split('/').at(-1)! };
}

/** PutAccessPointPolicy replaces the whole document. */
export const ACCESS_POINT_POLICY: Store<AccessPointPolicy> = {
  reads: () => 's3:GetAccessPointPolicy',
  writes: (_, text) => (text === null ? 's3:DeleteAccessPointPolicy' : 's3:PutAccessPointPolicy'),
  async read({ clients }, { arn }) {
    const { GetAccessPointPolicyCommand } = await import('@aws-sdk/client-s3-control');
    const { region, ...at } = placeOf(arn);
    const client = await clients.s3control(region);
    const call = client.send(new GetAccessPointPolicyCommand(at));
    return (await orNull(call, 'NoSuchAccessPointPolicy'))?.Policy ?? null;
  },
  async write({ clients }, { arn }, text) {
    const { DeleteAccessPointPolicyCommand, PutAccessPointPolicyCommand } =
      await import('@aws-sdk/client-s3-control');
    const { region, ...at } = placeOf(arn);
    const client = await clients.s3control(region);
    if (text === null) await client.send(new DeleteAccessPointPolicyCommand(at));
    else await client.send(new PutAccessPointPolicyCommand({ ...at, Policy: text }));
  },
};
