import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AccessError } from '../../errors.ts';
import { compareBytes } from '../../byte-order.ts';
import type { Found } from './entry.ts';
import { openFilters, type Filter } from './filters.ts';
import { joinSides } from './join-sides.ts';
import { planStep, type PlanRules } from './plan.ts';
import { TargetFolder } from './target-folder.ts';
import { walkFolder } from './walk-folder.ts';

const all = async <T>(items: AsyncIterable<T>) => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};
async function* each<T>(items: readonly T[]) {
  yield* items;
}
const entry = (name: string): Found => ({ name, size: 1, modified: 0 });
const key = fc.string({
  unit: fc.constantFrom('a', 'b', '-', '/', '.', 'ä', '\uE000', '\u{1F600}', '\u{10FFFF}'),
  minLength: 1,
  maxLength: 8,
});
const temporary = () => mkdtempSync(join(tmpdir(), 'crossbucket-tree-'));

test('names are compared as their bytes are', () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test('a folder is walked in the order in which S3 lists its keys', async () => {
  const segment = fc.string({
    unit: fc.constantFrom('a', 'b', '-', '.x', 'ä', '\uE000', '\u{1F600}'),
    minLength: 1,
    maxLength: 3,
  });
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(path, { maxLength: 12 }), async (paths) => {
      const root = temporary();
      const made = paths.filter((file) => {
        try {
          mkdirSync(join(root, file, '..'), { recursive: true });
          writeFileSync(join(root, file), file);
          return true;
        } catch {
          return false;
        }
      });
      const walked = (await all(walkFolder(root))).map(({ name }) => name);
      rmSync(root, { recursive: true });
      expect(walked).toEqual(made.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }),
    { numRuns: 60 },
  );
});

describe('a walk', () => {
  test('follows links, but not in circles', async () => {
    const root = temporary();
    mkdirSync(join(root, 'a'));
    writeFileSync(join(root, 'a', 'f'), 'x');
    symlinkSync('..', join(root, 'a', 'up'));
    symlinkSync('a', join(root, 'b'));
    symlinkSync('nowhere', join(root, 'c'));
    expect(await all(walkFolder(root))).toMatchObject([
      { name: 'a/f', size: 1 },
      { name: 'a/up/', skipped: expect.stringContaining('link') },
      { name: 'b/f', size: 1 },
      { name: 'b/up/', skipped: expect.stringContaining('link') },
      { name: 'c', error: { code: 'file-missing' } },
    ]);
  });

  test('leaves out what downloads have on the way, and tells of names that are no keys', async () => {
    const root = temporary();
    writeFileSync(join(root, '.abcdefghijklmnopqrstuv.crossbucket-part'), 'x');
    writeFileSync(join(root, '.abcdefghijklmnopqrstuv.crossbucket-journal'), 'x');
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff])]), 'x');
    expect(await all(walkFolder(root))).toMatchObject([{ error: { code: 'bad-key' } }]);
  });

  test('of a file or of nothing is refused', async () => {
    await expect(all(walkFolder(import.meta.filename))).rejects.toMatchObject({ code: 'file-failed' });
    await expect(all(walkFolder('/nowhere/at/all'))).rejects.toMatchObject({ code: 'file-missing' });
  });
});

describe('two listings brought together', () => {
  test('hold what a plain comparison holds', async () => {
    const keys = fc.uniqueArray(key, { maxLength: 15 }).map((list) => list.toSorted(compareBytes));
    await fc.assert(
      fc.asyncProperty(keys, keys, async (left, right) => {
        const pairs = await all(joinSides(each(left.map(entry)), each(right.map(entry))));
        expect(pairs.map(({ source, target }) => [source?.name, target?.name])).toEqual(
          [...new Set([...left, ...right])]
            .toSorted(compareBytes)
            .map((name) => [left.find((k) => k === name), right.find((k) => k === name)]),
        );
      }),
    );
  });

  test('what is not in order is refused, on either side', async () => {
    const wrong = [entry('b'), entry('a')];
    await expect(all(joinSides(each(wrong), each([])))).rejects.toMatchObject({ code: 'listing-unsorted' });
    await expect(all(joinSides(each([]), each(wrong)))).rejects.toMatchObject({ code: 'listing-unsorted' });
  });

  test('below a folder that could not be read, nothing counts as missing', async () => {
    const error = new AccessError('file-denied', 'no', 'no');
    const source = [{ name: 'a', size: 1, modified: 0 }, { name: 'b/', error }, entry('c')];
    const target = ['b/x', 'b/y/z', 'bb', 'c'].map(entry);
    const rules: PlanRules = { direction: 'upload', comparison: 'size', delete: true, takes: () => true };
    const steps = (await all(joinSides(each(source), each(target)))).map((pair) => planStep(pair, rules));
    expect(steps.map((step) => [step?.do, step?.name])).toEqual([
      ['transfer', 'a'],
      ['fail', 'b/'],
      ['delete', 'bb'],
      ['nothing', 'c'],
    ]);
  });
});

test.each<[Filter[], string, boolean]>([
  [[], 'a', true],
  [[{ include: '*.csv' }], 'a/b.csv', true],
  [[{ include: '*.csv' }], 'a/b.txt', false],
  [[{ exclude: '*.tmp' }], 'a/b.tmp', false],
  [[{ exclude: '*.tmp' }], 'a/b', true],
  [[{ exclude: '*' }, { include: '*.csv' }], 'a.csv', true],
  [[{ exclude: '*' }, { include: '*.csv' }], 'a.txt', false],
  [[{ include: '*.csv' }, { exclude: 'old/*' }], 'old/a.csv', false],
  [[{ include: '?[0-9].[!x]sv' }], 'a1.csv', true],
  [[{ include: '?[0-9].[!x]sv' }], 'a1.xsv', false],
  [[{ include: 'a+(b).{c}$^|' }], 'a+(b).{c}$^|', true],
  [[{ include: '[' }], '[', true],
  [[{ include: '?' }], '\u{1F600}', true],
])('filters %j on %s', (filters, name, taken) => {
  expect(openFilters(filters)(name)).toBe(taken);
});

test('any pattern is a pattern', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), (include, name) => {
      expect(typeof openFilters([{ include }])(name)).toBe('boolean');
    }),
  );
});

describe('a key never leads out of the target folder', () => {
  test.each([
    ['../x', 'unsafe-key'],
    ['a/../../x', 'unsafe-key'],
    ['..', 'unsafe-key'],
    ['./x', 'unsafe-key'],
    ['a/./x', 'unsafe-key'],
    ['/etc/passwd', 'bad-key'],
    ['a//b', 'bad-key'],
    ['a/', 'bad-key'],
    ['', 'bad-key'],
    ['a\0b', 'bad-key'],
    ['x'.repeat(256), 'bad-key'],
    [`a/${'ä'.repeat(128)}/b`, 'bad-key'],
  ])('%j', async (name, code) => {
    await expect(new TargetFolder(temporary()).place(name)).rejects.toMatchObject({ code });
  });

  test('not by a link to elsewhere either, but by one that stays inside', async () => {
    const root = temporary();
    const outside = temporary();
    mkdirSync(join(root, 'real'));
    symlinkSync(outside, join(root, 'out'));
    symlinkSync('..', join(root, 'real', 'up'));
    symlinkSync('real', join(root, 'in'));
    const folder = new TargetFolder(root);
    await expect(folder.place('out/x')).rejects.toMatchObject({ code: 'unsafe-key' });
    await expect(folder.place('out/deeper/x')).rejects.toMatchObject({ code: 'unsafe-key' });
    await expect(folder.place('real/up/out/x')).rejects.toMatchObject({ code: 'unsafe-key' });
    expect(await folder.place('in/x')).toBe(join(root, 'in', 'x'));
    await expect(folder.place('x')).resolves.toBe(join(root, 'x'));
  });

  test('a folder that is a file is in the way', async () => {
    const root = temporary();
    writeFileSync(join(root, 'a'), 'x');
    await expect(new TargetFolder(root).place('a/b')).rejects.toMatchObject({ code: 'file-failed' });
  });

  test('whatever the key', async () => {
    const part = fc.constantFrom('..', '.', '', 'a', '/', '\\', '\0', 'out', 'x'.repeat(300));
    const root = temporary();
    symlinkSync(tmpdir(), join(root, 'out'));
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        const path = await new TargetFolder(root).place(parts.join('/')).catch(() => `${root}/refused`);
        expect(path.startsWith(`${root}/`)).toBe(true);
        // Only at the root is `out` the link.
        expect(path.slice(root.length)).not.toMatch(/^\/out\/|\/\.\.?\//);
      }),
    );
  });
});
