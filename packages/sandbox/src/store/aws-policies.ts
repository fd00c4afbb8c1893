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
let byArn: ReadonlyMap<string, ManagedPolicyRecord> | undefined;

function recordsByArn(): ReadonlyMap<string, ManagedPolicyRecord> {
  // Made with the first question: a sandbox starts without them.
  byArn ??= new Map(
    AWS_POLICIES.map((policy) => [`arn:aws:iam::aws:policy${policy.path}${policy.name}`, recordOf(policy)]),
  );
  return byArn;
}

let byName: readonly ManagedPolicyRecord[] | undefined;

export function findAwsPolicy(arn: string): ManagedPolicyRecord | undefined {
  return arn.startsWith('arn:aws:iam::aws:') ? recordsByArn().get(arn) : undefined;
}

/** By name. */
export function awsPolicies(): readonly ManagedPolicyRecord[] {
  byName ??= [...recordsByArn().values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
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
