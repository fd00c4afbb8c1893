import {
  type AccessRequest,
  type Decision,
  type NamedPolicy,
  type PolicyDocument,
  type PolicyInput,
  type PolicyKind,
  type PolicySet,
  authorize,
  lint,
} from '@crossbucket/policy';
import { z } from 'zod';

/** The answer to one entry, with its place among the entries. */
export type EvaluatedEntry =
  | ({ index: number } & Decision)
  | { index: number; error: { code: 'invalid-entry'; message: string; help: string } };

export const isRefused = (entry: EvaluatedEntry): entry is Extract<EvaluatedEntry, { error: unknown }> =>
  'error' in entry;

/** Decides one `{request, policies}`, or each of an array of them. A bad entry does not keep the others from an answer. */
export function* evaluateEntries(input: unknown): Generator<EvaluatedEntry> {
  const entries: unknown[] = Array.isArray(input) ? input : [input];
  for (const [index, entry] of entries.entries()) yield evaluate(entry, index);
}

function evaluate(entry: unknown, index: number): EvaluatedEntry {
  const read = ENTRY.safeParse(entry);
  if (!read.success) return refused(index, describe(read.error));
  const request = read.data.request as AccessRequest;
  const policies = (read.data.policies ?? {}) as PolicySet;
  const unreadable = unreadableDocument(policies);
  return unreadable === undefined ? { index, ...authorize(request, policies) } : refused(index, unreadable);
}

const refused = (index: number, message: string): EvaluatedEntry => ({
  index,
  error: {
    code: 'invalid-entry',
    message,
    help: 'write `{"request": {"principal", "action", "resource", ...}, "policies": {"identity": [...], "resource": ..., ...}}`',
  },
});

/** The first problem, with the path to it. */
function describe({ issues }: z.ZodError): string {
  const [issue] = issues;
  const path = issue?.path.map(String).join('.');
  const message = (issue?.message ?? 'the entry is malformed').replace(/^[A-Z]/, (letter) =>
    letter.toLowerCase(),
  );
  return path ? `\`${path}\`: ${message}` : message;
}

const VALUE = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

const REQUEST = z.strictObject({
  principal: z.string().min(1),
  action: z.string().min(1),
  resource: z.string().min(1),
  resourceAccount: z.string().optional(),
  objectOwner: z.string().optional(),
  accessPoint: z.string().optional(),
  canonicalUser: z.string().optional(),
  roleArn: z.string().optional(),
  uniqueId: z.string().optional(),
  federatedBy: z.string().optional(),
  managementAccounts: z.array(z.string()).optional(),
  context: z.record(z.string(), VALUE).optional(),
  unknown: z.array(z.string()).optional(),
} satisfies Record<keyof AccessRequest, z.ZodType>);

const DOCUMENT = z.looseObject({ Statement: z.union([z.array(z.unknown()), z.looseObject({})]) });

const POLICY = z.union([
  z.strictObject({ name: z.string(), document: DOCUMENT, arn: z.string().optional() }),
  DOCUMENT,
]);

const GRANT = z.strictObject({
  grantee: z.union([
    z.strictObject({ account: z.string() }),
    z.strictObject({ canonicalUser: z.string() }),
    z.strictObject({ group: z.enum(['AllUsers', 'AuthenticatedUsers', 'LogDelivery']) }),
  ]),
  permission: z.enum(['FULL_CONTROL', 'READ', 'WRITE', 'READ_ACP', 'WRITE_ACP']),
});

const POLICIES = z.strictObject({
  identity: z.array(POLICY).optional(),
  boundary: POLICY.optional(),
  session: z.array(POLICY).optional(),
  resource: POLICY.optional(),
  accessPoint: POLICY.optional(),
  acl: z.array(GRANT).optional(),
  serviceControl: z.array(z.array(POLICY)).optional(),
  resourceControl: z.array(z.array(POLICY)).optional(),
  vpcEndpoint: POLICY.optional(),
  publicAccessBlock: z
    .strictObject({
      BlockPublicAcls: z.boolean().optional(),
      IgnorePublicAcls: z.boolean().optional(),
      BlockPublicPolicy: z.boolean().optional(),
      RestrictPublicBuckets: z.boolean().optional(),
    })
    .optional(),
  unread: z.array(z.string()).optional(),
} satisfies Record<keyof PolicySet, z.ZodType>);

/** What people write beside an entry for themselves. Any other key is a slip: `policy` for `policies` would allow nothing. */
const NOTES = ['id', 'name', 'description', 'comment', 'source', 'expect', 'expected'];

const ENTRY = z.strictObject({
  request: REQUEST,
  policies: POLICIES.optional(),
  ...Object.fromEntries(NOTES.map((note) => [note, z.unknown().optional()])),
});

/** What a document must not have, since the engine would silently leave the statement out. */
const UNREADABLE = new Set(['wrong-type', 'missing-element', 'invalid-effect']);

const LAYERS: readonly (keyof PolicySet)[] = [
  'identity',
  'boundary',
  'session',
  'resource',
  'accessPoint',
  'serviceControl',
  'resourceControl',
  'vpcEndpoint',
];

function unreadableDocument(policies: PolicySet): string | undefined {
  for (const layer of LAYERS) {
    const inputs = [policies[layer]].flat(2).filter((input) => input !== undefined) as PolicyInput[];
    for (const [position, input] of inputs.entries()) {
      const kind: PolicyKind = layer === 'resource' ? 'bucket' : 'identity';
      const problem = lint(documentOf(input), kind).find(({ code }) => UNREADABLE.has(code));
      if (problem === undefined) continue;
      const place = ['policies', layer, ...(inputs.length > 1 ? [position] : []), ...problem.path].join('.');
      return `\`${place}\`: ${problem.message}`;
    }
  }
  return undefined;
}

const documentOf = (input: PolicyInput): PolicyDocument =>
  'document' in input ? (input satisfies NamedPolicy).document : input;
