import type { DocumentRef } from '../document-ref.ts';
import type { Store } from './store.ts';

type KeyPolicy = Extract<DocumentRef, { kind: 'key-policy' }>;

const regionOf = (key: string): string => key.split(':')[3] ?? '';

/** A key always has a policy, so there is none to remove. */
export const KEY_POLICY: Store<KeyPolicy> = {
  reads: () => 'kms:GetKeyPolicy',
  writes: () => 'kms:PutKeyPolicy',
  async read({ clients }, { key }) {
    const { GetKeyPolicyCommand } = await import('@aws-sdk/client-kms');
    const client = await clients.kms(regionOf(key));
    const { Policy } = await client.send(new GetKeyPolicyCommand({ KeyId: key, PolicyName: 'default' }));
    return Policy ?? null;
  },
  async write({ clients }, { key }, text) {
    if (text === null) throw new Error('a key has a policy at all times');
    const { PutKeyPolicyCommand } = await import('@aws-sdk/client-kms');
    const client = await clients.kms(regionOf(key));
    await client.send(new PutKeyPolicyCommand({ KeyId: key, PolicyName: 'default', Policy: text }));
  },
};
