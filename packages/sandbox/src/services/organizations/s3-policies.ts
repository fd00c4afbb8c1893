import type { PublicAccessBlock } from '@crossbucket/policy';
import { ALL_BLOCKED, completeBlock } from '../public-access-block.ts';

// The settings of an S3 policy come all together or not at all, and take the place of the account's own.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_s3_syntax.html

/** What one S3 policy says. */
export interface S3Policy {
  assigned?: 'all' | 'none';
  /** Policies further down may assign something else. */
  childrenMayAssign: boolean;
}

/** https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html */
const LONGEST = 10_000;
const ATTRIBUTES = 's3_attributes';
const BLOCK = 'public_access_block_configuration';
const CHILDREN = '@@operators_allowed_for_child_policies';

/**
 * Reads the text of an S3 policy.
 * @throws Error in plain words, for whoever wrote it.
 */
export function readS3Policy(text: string): S3Policy {
  if (text.length > LONGEST) throw new Error(`an S3 policy has at most ${LONGEST} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
  const whole = readElement(value, 'the policy', ATTRIBUTES);
  const attributes = readElement(whole.inner, `\`${ATTRIBUTES}\``, BLOCK);
  const { inner: assigned, childrenMayAssign } = readElement(attributes.inner, `\`${BLOCK}\``, '@@assign');
  if (assigned !== undefined && assigned !== 'all' && assigned !== 'none')
    throw new Error('`@@assign` is `"all"` or `"none"`');
  return {
    ...(assigned !== undefined && { assigned }),
    childrenMayAssign: whole.childrenMayAssign && attributes.childrenMayAssign && childrenMayAssign,
  };
}

/** One level of the document: its one member, and what it leaves to the policies below. */
function readElement(
  value: unknown,
  place: string,
  member: string,
): { inner: unknown; childrenMayAssign: boolean } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${place} is an object with \`${member}\``);
  const { [member]: inner, [CHILDREN]: children, ...others } = value as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Error(`${place} does not take \`${unknown}\``);
  if (inner === undefined && (children === undefined || member !== '@@assign'))
    throw new Error(`${place} lacks \`${member}\``);
  return { inner, childrenMayAssign: children === undefined || allowsAssign(children) };
}

/** https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html */
const OPERATORS: ReadonlySet<unknown> = new Set(['@@all', '@@none', '@@assign', '@@append', '@@remove']);

function allowsAssign(children: unknown): boolean {
  if (!Array.isArray(children) || children.length === 0 || !children.every((each) => OPERATORS.has(each)))
    throw new Error(`\`${CHILDREN}\` is a list of operators, \`"@@all"\` or \`"@@none"\``);
  return children.includes('@@all') || children.includes('@@assign');
}

/**
 * What the S3 policies of an account's levels come to, from the root down: the lowest assignment counts, unless a level
 * above forbids it. Of two at one level, the one that was attached first counts.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_inheritance_mgmt.html
 * @param levels Root first; at each level in the order in which they were attached.
 */
export function effectiveSetting(levels: readonly (readonly S3Policy[])[]): S3Policy['assigned'] {
  let effective: S3Policy['assigned'];
  for (const level of levels) {
    effective = level.find(({ assigned }) => assigned !== undefined)?.assigned ?? effective;
    if (level.some(({ childrenMayAssign }) => !childrenMayAssign)) break;
  }
  return effective;
}

/** The effective policy as Organizations shows it: without operators. */
export function effectiveText(setting: 'all' | 'none'): string {
  return JSON.stringify({ [ATTRIBUTES]: { [BLOCK]: setting } });
}

export function blockOf(setting: 'all' | 'none'): PublicAccessBlock {
  return setting === 'all' ? ALL_BLOCKED : completeBlock();
}
