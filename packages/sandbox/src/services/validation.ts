import { AwsError } from '../wire/errors.ts';

/** What a model says of a text member. */
export interface TextRule {
  /** Of the whole text, as the model writes it. */
  pattern?: string;
  shortest: number;
  longest: number;
  /** True for what an error does not show: secrets, and what is long. */
  hidden?: boolean;
}

/** AWS's answer to a member that breaks its model's rule. @param value Nothing where it is not to be shown. */
export function invalidValue(member: string, value: string | undefined, constraint: string): AwsError {
  const place = value === undefined ? `Value at '${member}'` : `Value '${value}' at '${member}'`;
  return new AwsError(
    'ValidationError',
    `1 validation error detected: ${place} failed to satisfy constraint: ${constraint}`,
  );
}

/** Holds the text members of an input against their rules. */
export function requireTexts(
  input: Record<string, unknown>,
  rules: Readonly<Record<string, TextRule>>,
): void {
  for (const [member, value] of Object.entries(input))
    if (typeof value === 'string' && Object.hasOwn(rules, member))
      requireText(nameOf(member), value, rules[member]!);
}

export function requireRange(member: string, value: number, least: number, most: number): void {
  const refuse = (constraint: string): AwsError => invalidValue(nameOf(member), String(value), constraint);
  if (value < least) throw refuse(`Member must have value greater than or equal to ${least}`);
  if (value > most) throw refuse(`Member must have value less than or equal to ${most}`);
}

/** A member as errors call it. */
export function nameOf(member: string): string {
  return member.charAt(0).toLowerCase() + member.slice(1);
}

export function requireText(
  name: string,
  value: string,
  { pattern, shortest, longest, hidden }: TextRule,
): void {
  const refuse = (constraint: string): AwsError => invalidValue(name, hidden ? undefined : value, constraint);
  if (value.length < shortest) throw refuse(`Member must have length greater than or equal to ${shortest}`);
  if (value.length > longest) throw refuse(`Member must have length less than or equal to ${longest}`);
  if (pattern !== undefined && !regExpOf(pattern).test(value))
    throw refuse(`Member must satisfy regular expression pattern: ${pattern}`);
}

const compiled = new Map<string, RegExp>();

function regExpOf(pattern: string): RegExp {
  let expression = compiled.get(pattern);
  if (!expression)
    compiled.set(
      pattern,
      (expression = new RegExp(`^(?:${pattern})$`, pattern.includes(String.raw`\p{`) ? 'u' : '')),
    );
  return expression;
}
