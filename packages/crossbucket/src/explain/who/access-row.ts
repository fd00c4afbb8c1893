import type { NamedPolicy, Outcome, Statement } from '@crossbucket/policy';

/** What somebody can do with a bucket, and by which way. */
export interface AccessRow {
  bucket: string;
  /** ARN, account id, `*`, service, or the id of somebody who is gone. */
  principal: string;
  account?: string;
  kind: 'principal' | 'account' | 'public' | 'service' | 'stale';
  /** Whether it is of another account than the bucket. */
  outside: boolean;
  route: 'bucket-policy' | 'access-point' | 'acl' | 'role' | 'identity-policy';
  /** Roles that are assumed, one after the other; the access point. */
  via: string[];
  can: Level[];
  /** Where: `reports/*`. */
  on: string[];
  /** The statement that gives it. */
  document?: string;
  statement?: string;
  /** `aws:PrincipalOrgID StringEquals o-acme` */
  conditions: string[];
  /** `depends` where conditions or documents that nobody could read decide; `deny` where something else shuts it out. */
  outcome: Outcome;
  /** The cause of `deny`. */
  because?: string;
}

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

export const conditionTexts = ({ Condition = {} }: Statement): string[] =>
  Object.entries(Condition).flatMap(([operator, block]) =>
    Object.entries(block).map(([key, values]) => `${key} ${operator} ${[values].flat().join('|')}`),
  );

export interface StatementIn {
  policy: NamedPolicy;
  statement: Statement;
  index: number;
}
