import type { BucketSnapshot } from '@crossbucket/policy';
import type { AccountReader } from '../accounts/index.ts';
import type { GrantFacts, KeyFacts } from './facts.ts';
import type { Readers } from './gather.ts';
import type { PlanProblem } from './problem.ts';
import { requireRead } from './required.ts';
import { sampleKeys } from './sample-keys.ts';

/**
 * The customer managed keys that the bucket and its objects are encrypted with. What AWS manages for the account needs
 * nothing by route `role`, and can never work across accounts.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
 */
export async function findKeys(
  facts: GrantFacts,
  bucket: BucketSnapshot,
  reader: AccountReader,
  readers: Readers,
  problems: PlanProblem[],
): Promise<KeyFacts[]> {
  const { spec, destination, region, route } = facts;
  const about = { grant: spec.name, account: destination, document: `encryption of bucket ${facts.bucket}` };
  const { encryption } = bucket;
  const isKms = encryption !== undefined && encryption.algorithm !== 'AES256';
  if (isKms && encryption.key === undefined && spec.kmsKey === undefined && route === 'bucket-policy')
    problems.push(
      managed(about, `bucket \`${facts.bucket}\` is encrypted with the key that AWS manages (aws/s3)`),
    );
  const named = [
    ...(spec.kmsKey === undefined ? [] : [spec.kmsKey]),
    ...(isKms && encryption.key !== undefined ? [encryption.key] : []),
    ...(await sampleKeys(facts, reader)),
  ];
  const found = new Map<string, KeyFacts>();
  for (const name of new Set(named)) {
    const account = /^arn:[^:]+:kms:[^:]+:(\d{12}):/.exec(name)?.[1] ?? destination;
    const owner = readers.get(account);
    if (owner === undefined) {
      problems.push({
        ...about,
        severity: 'error',
        code: 'key-of-unknown-account',
        message: `the key \`${name}\` belongs to account ${account}, which is not in crossbucket.yaml`,
        help: 'add that account under `accounts`, with a profile that may read and change the key policy',
      });
      continue;
    }
    const snapshot = await owner.key(name, region);
    requireRead(owner, [`key ${name}`, `key-policy ${snapshot?.arn ?? name}`]);
    if (snapshot === undefined) {
      problems.push({
        ...about,
        severity: 'error',
        code: 'key-unavailable',
        message: `account ${account} has no key \`${name}\`, with which bucket \`${facts.bucket}\` is encrypted`,
        help: "mend the bucket's encryption settings first",
      });
      continue;
    }
    if (snapshot.managedBy === 'AWS') {
      if (route === 'bucket-policy')
        problems.push(managed(about, `\`${name}\` is a key that AWS manages for account ${account}`));
      continue;
    }
    if (snapshot.state !== undefined && snapshot.state !== 'Enabled')
      problems.push({
        ...about,
        severity: 'warning',
        code: 'key-unavailable',
        message: `the key \`${snapshot.arn}\` is ${snapshot.state}, and serves nobody`,
        help: 'enable it, or encrypt the objects with another key',
      });
    found.set(snapshot.arn, { arn: snapshot.arn, account, snapshot });
  }
  return [...found.values()];
}

const managed = (about: Pick<PlanProblem, 'grant' | 'account' | 'document'>, what: string): PlanProblem => ({
  ...about,
  severity: 'error',
  code: 'kms-managed-key',
  message: `${what}, and no other account can use that one`,
  help: 'use route `role`, or encrypt bucket and objects with a key of your own',
});
