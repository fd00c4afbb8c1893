import { createHash } from 'node:crypto';
import { AWS_POLICIES } from './aws-policies.data.ts';
import type { ManagedPolicyRecord } from './records.ts';

/** One of AWS's own managed policies, with the document of its default version. */
export interface AwsPolicy {
  name: string;
  path: string;
  version: string;
  /** ISO 8601. */
  created: string;
  updated: string;
  document: string;
}

/** https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonS3ReadOnlyAccess.html and its neighbours. */
const byArn = new Map<string, ManagedPolicyRecord>();
for (const policy of AWS_POLICIES)
  byArn.set(`arn:aws:iam::aws:policy${policy.path}${policy.name}`, recordOf(policy));

const byName = [...byArn.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));

export function findAwsPolicy(arn: string): ManagedPolicyRecord | undefined {
  return byArn.get(arn);
}

/** By name. */
export function awsPolicies(): readonly ManagedPolicyRecord[] {
  return byName;
}

function recordOf(policy: AwsPolicy): ManagedPolicyRecord {
  const { name, path, version, document } = policy;
  const created = Date.parse(policy.created);
  const updated = Date.parse(policy.updated);
  const id = createHash('sha256').update(name).digest('hex').slice(0, 17).toUpperCase();
  return {
    account: 'aws',
    name,
    path,
    // AWS's own ids are not published: one of the form, the same at every start.
    id: `ANPA${id.replaceAll('0', 'G').replaceAll('1', 'H').replaceAll('8', 'K').replaceAll('9', 'L')}`,
    created,
    updated,
    tags: [],
    versions: [{ id: version, text: document, created: updated }],
    defaultVersion: version,
  };
}
