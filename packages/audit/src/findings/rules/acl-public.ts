import type { EventRule } from '../rule.ts';

const PUBLIC_GROUPS = [
  'http://acs.amazonaws.com/groups/global/AllUsers',
  'http://acs.amazonaws.com/groups/global/AuthenticatedUsers',
];
const PUBLIC_ACLS: ReadonlySet<string> = new Set(['public-read', 'public-read-write', 'authenticated-read']);

export const aclPublic: EventRule = {
  code: 'acl-public',
  severity: 'high',
  title: 'An ACL was made public',
  help: 'set Object Ownership to BucketOwnerEnforced, which turns ACLs off',
  events: [
    'PutBucketAcl',
    'PutObjectAcl',
    'PutObject',
    'CopyObject',
    'CreateBucket',
    'CreateMultipartUpload',
  ],
  judge(event) {
    const values = textsIn(event.request);
    const isPublic = values.some(
      (text) =>
        PUBLIC_ACLS.has(text) ||
        PUBLIC_GROUPS.some((group) => text === group || text.includes(`uri="${group}"`)),
    );
    return isPublic ? { message: `${event.caller} gave ${event.resource} a public ACL` } : undefined;
  },
};

/** The texts of members that concern ACLs, at any depth. */
function textsIn(request: Record<string, unknown>): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === 'string') found.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  for (const [name, value] of Object.entries(request)) if (/acl|grant/i.test(name)) visit(value);
  return found;
}
