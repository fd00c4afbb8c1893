import type { CauseCode, Outcome, Requirement, Statement } from '@crossbucket/policy';

/** What somebody can do with a bucket, and by which way. */
export interface AccessRow {
  bucket: string;
  /** ARN, account id, `*`, service, or the id of somebody who is gone. */
  principal: string;
  account?: string;
  kind: PrincipalKind;
  /** Whether it is of another account than the bucket. */
  outside: boolean;
  route: 'bucket-policy' | 'access-point' | 'acl' | 'role' | 'identity-policy';
  /** Roles that are assumed, one after the other; the access point. */
  via: string[];
  can: Level[];
  /** The actions behind `other`. */
  actions?: string[];
  /** Where: `reports/*`. */
  on: string[];
  /** The statement that gives it. */
  document?: string;
  statement?: string;
  /** Conditions of the statements on the way. */
  conditions: RowCondition[];
  /** What must hold of keys that only a call has, for `depends`; a guard of a Deny is negated. */
  requires: RowCondition[];
  /** `depends` where conditions or documents that nobody could read decide; `deny` where something else shuts it out. */
  outcome: Outcome;
  /** The cause of `deny`. */
  because?: CauseCode;
}

/** `limited` is everybody whom conditions let, such as an organization; AWS does not count it as public. */
export type PrincipalKind =
  | 'public'
  | 'limited'
  | 'account'
  | 'federated'
  | 'principal'
  | 'service'
  | 'stale';

export type RowCondition = Pick<Requirement, 'key' | 'operator' | 'values' | 'negated'>;

export type Level = 'read' | 'write' | 'delete' | 'list' | 'other';

/** An action that stands for each level. */
export const LEVEL_CALLS: readonly { level: Level; operation: string; action: string; onBucket: boolean }[] =
  [
    { level: 'read', operation: 'GetObject', action: 's3:GetObject', onBucket: false },
    { level: 'write', operation: 'PutObject', action: 's3:PutObject', onBucket: false },
    { level: 'delete', operation: 'DeleteObject', action: 's3:DeleteObject', onBucket: false },
    { level: 'list', operation: 'ListObjectsV2', action: 's3:ListBucket', onBucket: true },
  ];

export const statementLabel = ({ Sid }: Statement, index: number): string => Sid ?? `statement ${index + 1}`;

export const conditionsOf = ({ Condition = {} }: Statement): RowCondition[] =>
  Object.entries(Condition).flatMap(([operator, block]) =>
    Object.entries(block).map(([key, values]) => ({ key, operator, values: [values].flat().map(String) })),
  );

/** Each once. */
export function uniqueConditions(conditions: readonly RowCondition[]): RowCondition[] {
  const seen = new Map<string, RowCondition>();
  for (const { key, operator, values, negated } of conditions) {
    const one: RowCondition = { key, operator, values, ...(negated === true && { negated }) };
    seen.set(JSON.stringify(one), one);
  }
  return [...seen.values()];
}

/** What most people look for comes first: the public, then whole accounts; whoever is gone comes last. */
const ORDER: readonly PrincipalKind[] = [
  'public',
  'limited',
  'account',
  'federated',
  'principal',
  'service',
  'stale',
];

export const inOrder = (rows: readonly AccessRow[]): AccessRow[] =>
  rows.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
