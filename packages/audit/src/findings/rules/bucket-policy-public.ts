import { isPublicPolicy } from '@crossbucket/policy';
import { documentIn } from '../documents.ts';
import type { EventRule } from '../rule.ts';

export const bucketPolicyPublic: EventRule = {
  code: 'bucket-policy-public',
  severity: 'high',
  title: 'A bucket policy was made public',
  help: 'turn Block Public Access on, and name the principals that are meant',
  events: ['PutBucketPolicy', 'PutAccessPointPolicy'],
  judge(event) {
    const document = documentIn(event.request, 'bucketPolicy', 'policy', 'Policy');
    if (document === undefined || !isPublicPolicy(document)) return undefined;
    return { message: `${event.caller} made the policy of ${event.resource} public` };
  },
};
