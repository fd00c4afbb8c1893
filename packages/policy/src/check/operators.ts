/** What an operator compares. */
export type OperandType = 'string' | 'number' | 'date' | 'boolean' | 'binary' | 'ip-address' | 'arn' | 'null';

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
const OPERATORS: Readonly<Record<string, OperandType>> = {
  StringEquals: 'string',
  StringNotEquals: 'string',
  StringEqualsIgnoreCase: 'string',
  StringNotEqualsIgnoreCase: 'string',
  StringLike: 'string',
  StringNotLike: 'string',
  NumericEquals: 'number',
  NumericNotEquals: 'number',
  NumericLessThan: 'number',
  NumericLessThanEquals: 'number',
  NumericGreaterThan: 'number',
  NumericGreaterThanEquals: 'number',
  DateEquals: 'date',
  DateNotEquals: 'date',
  DateLessThan: 'date',
  DateLessThanEquals: 'date',
  DateGreaterThan: 'date',
  DateGreaterThanEquals: 'date',
  Bool: 'boolean',
  BinaryEquals: 'binary',
  IpAddress: 'ip-address',
  NotIpAddress: 'ip-address',
  ArnEquals: 'arn',
  ArnNotEquals: 'arn',
  ArnLike: 'arn',
  ArnNotLike: 'arn',
  Null: 'null',
};

export const OPERATOR_NAMES: readonly string[] = Object.keys(OPERATORS);

export interface Operator {
  /** `StringEquals` */
  name: string;
  compares: OperandType;
  set?: 'ForAllValues' | 'ForAnyValue';
  ifExists: boolean;
  /** True for one that matches what is not equal, and so also a key that is not there. */
  negated: boolean;
}

/** `ForAnyValue:StringEqualsIfExists`; undefined where AWS has no such operator. */
export function readOperator(text: string): Operator | undefined {
  const [, set, name = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(text) ?? [];
  const compares = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (compares === undefined) return undefined;
  return {
    name,
    compares,
    ...((set === 'ForAllValues' || set === 'ForAnyValue') && { set }),
    ifExists: ifExists !== undefined,
    negated: name.includes('Not'),
  };
}
