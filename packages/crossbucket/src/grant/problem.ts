/** What a plan says besides its changes. An error keeps it from being applied. */
export interface PlanProblem {
  severity: 'error' | 'warning' | 'note';
  code: ProblemCode;
  grant: string;
  account?: string | undefined;
  document?: string | undefined;
  message: string;
  help: string;
}

export type ProblemCode =
  | 'no-such-bucket'
  | 'no-such-principal'
  | 'principal-path'
  | 'unmanageable-principal'
  | 'missing-permission'
  | 'no-such-boundary'
  | 'boundary-denies'
  | 'role-taken'
  | 'role-path'
  | 'role-has-more'
  | 'kms-managed-key'
  | 'key-of-unknown-account'
  | 'key-unread'
  | 'key-unavailable'
  | 'public-access-block'
  | 'public-policy'
  | 'stale-principal'
  | 'object-ownership'
  | 'requester-pays'
  | 'other-grant'
  | 'whole-account'
  | 'wider-already'
  | 'overlapping-grants'
  | 'too-large'
  | 'nearly-too-large'
  | 'no-external-id';
