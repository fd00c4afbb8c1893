import type { DocumentRef } from '../document-ref.ts';
import { iamText, orNull, type Store } from './store.ts';

type ManagedPolicy = Extract<DocumentRef, { kind: 'managed-policy' }>;

/** A customer managed policy by its default version; a change is a new version, and the old one stays. */
export const MANAGED_POLICY: Store<ManagedPolicy> = {
  reads: () => 'iam:GetPolicyVersion',
  writes: () => 'iam:CreatePolicyVersion',
  async read({ clients, region }, { arn: PolicyArn }) {
    const { GetPolicyCommand, GetPolicyVersionCommand } = await import('@aws-sdk/client-iam');
    const client = await clients.iam(region);
    const found = await orNull(
      client.send(new GetPolicyCommand({ PolicyArn })),
      'NoSuchEntity',
      'NoSuchEntityException',
    );
    const VersionId = found?.Policy?.DefaultVersionId;
    if (VersionId === undefined) return null;
    const { PolicyVersion } = await client.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
    return PolicyVersion?.Document === undefined ? null : decodeURIComponent(PolicyVersion.Document);
  },
  async write({ clients, region }, { arn: PolicyArn }, text) {
    if (text === null) throw new Error('managed policies are not removed: others may be attached to them');
    const { CreatePolicyVersionCommand } = await import('@aws-sdk/client-iam');
    const client = await clients.iam(region);
    await client.send(
      new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: iamText(text), SetAsDefault: true }),
    );
  },
};
