import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { accessStatements, isOfObjects, keyUses, type LevelAccess } from './access-levels.ts';
import { actionsMatching } from './catalog.ts';

const BUCKET = 'arn:aws:s3:::acme-reports';

interface Golden {
  access: LevelAccess;
  statements: unknown;
  key: unknown;
}

/** Every combination of levels and modifiers, as a person reads it. */
const golden = JSON.parse(
  readFileSync(new URL('access-levels.golden.json', import.meta.url), 'utf8'),
) as Record<string, Golden>;

function* combinations(): Generator<[string, LevelAccess]> {
  const levels = ['read', 'write', 'delete', 'list'];
  const modifiers = ['tagging', 'versions', 'multipart'];
  for (let chosen = 1; chosen < 2 ** levels.length; chosen++)
    for (let modified = 0; modified < 2 ** modifiers.length; modified++) {
      const picked = (names: string[], bits: number) => names.filter((_, bit) => (bits >> bit) & 1);
      const parts = [...picked(levels, chosen), ...picked(modifiers, modified)];
      const access = Object.fromEntries(
        parts.map((name) => [name, levels.includes(name) ? ['reports/*'] : true]),
      );
      yield [parts.join('+'), access];
    }
}

const all = [...combinations()];

test('there is a golden case for each combination', () => {
  expect(Object.keys(golden)).toEqual(all.map(([name]) => name));
  expect(all).toHaveLength(120);
});

test.each(all)('%s', (name, access) => {
  const { statements, key } = golden[name]!;
  expect({ statements: accessStatements(access, BUCKET), key: keyUses(access, BUCKET) }).toEqual({
    statements,
    key,
  });
});

describe('patterns', () => {
  test('one that stands within another is left out, and levels of the same keys stand together', () => {
    const access = { read: ['reports/*', 'reports/2026/*', '*/index'], write: ['*/index', 'reports/*'] };
    expect(accessStatements(access, BUCKET)).toEqual([
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject'],
        Resource: [`${BUCKET}/*/index`, `${BUCKET}/reports/*`],
      },
    ]);
  });

  test('a listing of the whole bucket has no condition', () => {
    expect(accessStatements({ list: ['a/*', '*'] }, BUCKET)).toEqual([
      { Effect: 'Allow', Action: 's3:ListBucket', Resource: BUCKET },
    ]);
  });

  test('raw actions go where they count', () => {
    const access = { actions: ['s3:GetObjectAcl', 's3:GetBucketLocation', 's3:GetObject'], on: ['open/*'] };
    expect(accessStatements(access, BUCKET)).toEqual([
      { Effect: 'Allow', Action: ['s3:GetObjectAcl', 's3:GetObject'], Resource: `${BUCKET}/open/*` },
      { Effect: 'Allow', Action: 's3:GetBucketLocation', Resource: BUCKET },
    ]);
    expect(keyUses(access, BUCKET)).toEqual([
      { actions: ['kms:Decrypt'], contexts: [BUCKET, `${BUCKET}/open/*`] },
    ]);
  });
});

test('which actions are on objects is what the catalog says', () => {
  for (const { name, resources } of actionsMatching('s3:*'))
    expect([name, isOfObjects(name)]).toEqual([
      name,
      resources.some((resource) => resource.name === 'object'),
    ]);
});
