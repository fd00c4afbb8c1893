import type { EventRule } from '../rule.ts';

export const ownershipLoosened: EventRule = {
  code: 'ownership-loosened',
  severity: 'medium',
  title: "A bucket's ACLs were turned on",
  help: 'with BucketOwnerEnforced, whoever writes an object cannot keep it from the owner of the bucket',
  events: ['PutBucketOwnershipControls', 'DeleteBucketOwnershipControls'],
  judge(event) {
    const isLoose =
      event.name.startsWith('Delete') || !JSON.stringify(event.request).includes('"BucketOwnerEnforced"');
    return isLoose ? { message: `${event.caller} let writers of ${event.resource} use ACLs` } : undefined;
  },
};
