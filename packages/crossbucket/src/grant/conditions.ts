import type { Statement } from '@crossbucket/policy';
import type { ConditionsSpec } from '../spec/index.ts';

export type Conditions = NonNullable<Statement['Condition']>;

/** Requests over plain HTTP are left out. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
export const SECURE: Conditions = { Bool: { 'aws:SecureTransport': 'true' } };

/** The conditions that the specification asks for, as a statement has them. */
export function specConditions(spec: ConditionsSpec | undefined): Conditions {
  if (spec === undefined) return {};
  const { organization, mfa, sourceIp, vpcEndpoint, vpc } = spec;
  return together(
    organization === undefined ? {} : { StringEquals: { 'aws:PrincipalOrgID': organization } },
    mfa === undefined ? {} : { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
    sourceIp === undefined ? {} : { IpAddress: { 'aws:SourceIp': single(sourceIp) } },
    vpcEndpoint === undefined ? {} : { StringEquals: { 'aws:SourceVpce': single(vpcEndpoint) } },
    vpc === undefined ? {} : { StringEquals: { 'aws:SourceVpc': single(vpc) } },
  );
}

/** Conditions that must all hold. */
export function together(...all: readonly (Conditions | undefined)[]): Conditions {
  const result: Conditions = {};
  for (const conditions of all)
    for (const [operator, block] of Object.entries(conditions ?? {}))
      result[operator] = { ...result[operator], ...block };
  return result;
}

/** The statement with further conditions; without any, it has no such element. */
export function withConditions(
  statement: Statement,
  ...more: readonly (Conditions | undefined)[]
): Statement {
  const Condition = together(statement.Condition, ...more);
  const { Condition: _, ...rest } = statement;
  return Object.keys(Condition).length === 0 ? rest : { ...rest, Condition };
}

export const single = <T>(values: readonly T[]): T | T[] => (values.length === 1 ? values[0]! : [...values]);
