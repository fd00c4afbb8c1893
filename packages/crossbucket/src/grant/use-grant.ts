import { AccountReader, connect } from '../accounts/index.ts';
import { addressOf, type GrantSpec, type Spec } from '../spec/index.ts';
import { factsOf } from './facts.ts';
import { externalIdIn } from './former.ts';
import { GrantError } from './grant-error.ts';

/** What somebody is about to do with objects. */
export type Use = 'read' | 'write' | 'delete' | 'list';

/** How the source account of a grant uses it. */
export interface GrantAccess {
  grant: string;
  profile: string | undefined;
  /** Without it, the bucket policy lets the profile in. */
  roleArn: string | undefined;
  externalId: string | undefined;
  /** Account id of the bucket's owner. */
  owner: string;
}

/**
 * The grant whose bucket and prefixes fit best: one that allows the use before one that does not, and the longest prefix
 * before shorter ones. Undefined where none is of the bucket.
 *
 * @throws GrantError `ambiguous-grant` where grants to different accounts fit alike
 */
export function findGrant(spec: Spec, bucket: string, key: string, use: Use): GrantSpec | undefined {
  const ranked = (spec.grants ?? [])
    .filter((grant) => grant.bucket.split('/')[1] === bucket)
    .map((grant) => ({ grant, fit: fitOf(grant, key, use) }))
    .toSorted((a, b) => b.fit - a.fit);
  const [best] = ranked;
  const rival = ranked.find(({ grant, fit }) => fit === best?.fit && grant.to !== best.grant.to);
  if (best && rival)
    throw new GrantError(
      'ambiguous-grant',
      `the grants \`${best.grant.name}\` and \`${rival.grant.name}\` fit \`s3://${bucket}/${key}\` alike, and are to different accounts`,
      `say which: --grant ${best.grant.name}`,
    );
  return best?.grant;
}

/** Of the use: the length of the longest prefix that fits, above what any other level could give. */
function fitOf({ access }: GrantSpec, key: string, use: Use): number {
  const longest = (patterns: readonly string[] | undefined) =>
    Math.max(0, ...(patterns ?? []).map((pattern) => prefixFit(pattern, key)));
  const { read, write, delete: remove, list } = access;
  const levels = { read, write, delete: remove, list };
  const others = Object.values(levels).flatMap((patterns) => patterns ?? []);
  return longest(levels[use]) * 2000 + longest(others);
}

/** One more than the characters that agree, so that `*` fits too; nothing for what does not fit. */
function prefixFit(pattern: string, key: string): number {
  const prefix = pattern.replace(/\*$/, '');
  if (key.startsWith(prefix)) return prefix.length + 1;
  // A listing above the prefix.
  return key === '' || (key.endsWith('/') && prefix.startsWith(key)) ? 0.5 : 0;
}

/**
 * How to use a grant, from the specification; an external id that was made up is read from the role's trust policy.
 *
 * @throws GrantError `external-id-unknown`
 */
export async function useGrant(spec: Spec, grant: GrantSpec, externalId?: string): Promise<GrantAccess> {
  const facts = factsOf(spec, grant);
  const access = {
    grant: grant.name,
    profile: spec.accounts[grant.to]!.profile,
    roleArn: undefined,
    externalId: undefined,
    owner: facts.destination,
  };
  if (facts.route !== 'role') return access;
  const wish = grant.role?.externalId ?? 'auto';
  const known =
    wish === false ? undefined : (externalId ?? (wish === 'auto' ? await readExternalId(spec, grant) : wish));
  return { ...access, roleArn: facts.role.arn, externalId: known };
}

async function readExternalId(spec: Spec, grant: GrantSpec): Promise<string> {
  const facts = factsOf(spec, grant);
  const unknown = (cause?: unknown) =>
    new GrantError(
      'external-id-unknown',
      `the external id of grant \`${grant.name}\` was made up by \`grant apply\`, and the role's trust policy cannot be read from here`,
      'pass it with --external-id; `grant apply` has printed it',
      { cause },
    );
  try {
    const owner = await connect(addressOf(spec, grant.bucket.split('/')[0]!));
    const role = await new AccountReader(owner).principal(facts.role.arn);
    const found = externalIdIn(role?.trust?.document ?? null, facts.owner);
    if (found !== undefined) return found;
  } catch (error) {
    throw unknown(error);
  }
  throw unknown();
}
