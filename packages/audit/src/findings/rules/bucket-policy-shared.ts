import { documentIn, outsiders } from '../documents.ts';
import type { EventRule } from '../rule.ts';

export const bucketPolicyShared: EventRule = {
  code: 'bucket-policy-shared',
  severity: 'medium',
  title: 'A bucket policy was shared with another account',
  help: 'see that the other account is meant, and that the policy names principals, actions and prefixes no wider than needed',
  events: ['PutBucketPolicy', 'PutAccessPointPolicy'],
  judge(event) {
    const document = documentIn(event.request, 'bucketPolicy', 'policy', 'Policy');
    const accounts =
      document === undefined ? [] : outsiders(document, event.owner).filter((one) => one !== '*');
    if (accounts.length === 0) return undefined;
    return { message: `${event.caller} let ${accounts.join(', ')} into ${event.resource}` };
  },
};
