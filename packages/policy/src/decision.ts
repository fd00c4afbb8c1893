export type Outcome = 'allow' | 'deny' | 'depends';

/** What `authorize` returns: an outcome, and every layer's part in it. */
export interface Decision {
  outcome: Outcome;
  /** One sentence that a person understands. */
  reason: string;
  /** Empty when allowed. In the order in which they would be met. */
  causes: Cause[];
  layers: LayerVerdict[];
  /** For `depends`: what must hold of the unknown keys for the call to be allowed. */
  requires: Requirement[];
  /** Everything allows the call, but only identities of the resource's own account may make it: S3 answers 405 and not 403. */
  keptToOwner?: true;
}

/** One place that AWS consults for a decision. */
export type Layer =
  | 'identity-policy'
  | 'boundary'
  | 'session-policy'
  | 'resource-policy'
  | 'access-point-policy'
  | 'acl'
  | 'scp'
  | 'rcp'
  | 'vpc-endpoint-policy'
  | 'public-access-block'
  | 'trust-policy'
  | 'key-policy';

export interface LayerVerdict {
  layer: Layer;
  /** `none`: nothing here allows or denies. `not-applicable`: the layer is there, and has no say on this call. */
  verdict: 'allow' | 'explicit-deny' | 'none' | 'depends' | 'not-applicable';
  /** The account that the layer belongs to, where it is known. */
  account?: string;
  /** The statements that decided: each Deny that applies, or the first Allow that suffices; for `depends`, those that may. */
  statements: StatementRef[];
  /** For `none` in a request that is not allowed: the statements that came closest, closest first. */
  nearestMisses: NearestMiss[];
  /** What the layer needs of unknown keys, for `depends`. */
  requires?: Requirement[];
}

export interface StatementRef {
  policy: string;
  policyArn?: string;
  /** Zero-based position in the document. */
  index: number;
  sid?: string;
  effect: 'Allow' | 'Deny';
}

/** An Allow that did not match, and the elements at fault. */
export interface NearestMiss extends StatementRef {
  failed: FailedElement[];
}

export interface FailedElement {
  element: 'Principal' | 'NotPrincipal' | 'Action' | 'NotAction' | 'Resource' | 'NotResource' | 'Condition';
  /** For a condition. */
  operator?: string;
  key?: string;
  /** What the statement asks for. */
  wanted: string[];
  /** What the request has; without it, the request has no such key. */
  actual?: string[];
  /** A likely slip: a bucket ARN for an object's, a typo, another region or partition. */
  hint?: string;
}

/**
 * The requirements of one Allow belong together, and one such Allow of a layer is enough; of those of one Deny
 * (`negated`), at least one must fail.
 */
export interface Requirement {
  /** A condition operator, or `Resource` where a variable in that element stands for the key. */
  operator: string;
  key: string;
  values: string[];
  /** True where the condition must not hold, because it guards a Deny. */
  negated?: boolean;
  statement: StatementRef;
}

/** Why a call is denied. */
export interface Cause {
  code: CauseCode;
  account?: string;
  layer?: Layer;
  document?: { kind: string; name: string; arn?: string };
  statement?: StatementRef;
  detail: string;
}

export const CAUSE_CODES = [
  'identity-policy-missing-allow',
  'identity-policy-explicit-deny',
  'resource-policy-missing-allow',
  'resource-policy-explicit-deny',
  'boundary-missing-allow',
  'boundary-explicit-deny',
  'session-policy-missing-allow',
  'session-policy-explicit-deny',
  'scp-missing-allow',
  'scp-explicit-deny',
  'rcp-explicit-deny',
  'vpc-endpoint-policy-missing-allow',
  'vpc-endpoint-policy-explicit-deny',
  'trust-policy-missing-allow',
  'trust-policy-explicit-deny',
  'external-id-mismatch',
  'mfa-required',
  'role-not-found',
  'stale-principal',
  'access-point-policy-missing-allow',
  'access-point-policy-explicit-deny',
  'expected-owner-mismatch',
  'session-duration',
  'credentials-expired',
  'credentials-invalid',
  'clock-skew',
  'public-access-block',
  'object-ownership',
  'acl-not-supported',
  'requester-pays',
  'object-lock',
  'kms-key-policy',
  'kms-identity-policy',
  'kms-managed-key',
  'kms-key-unavailable',
  'no-such-bucket',
  'no-such-key',
  'missing-list-permission',
  'wrong-region',
  'sts-region-disabled',
] as const;

export type CauseCode = (typeof CAUSE_CODES)[number];
