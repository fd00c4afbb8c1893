import { expect, test } from 'vitest';
import { Recent } from './recent.ts';

test('forgets the oldest beyond its number', () => {
  const recent = new Recent<number>(2);
  for (const value of [1, 2, 3]) recent.set(`n${value}`, value);
  expect([recent.get('n1'), recent.get('n2'), recent.get('n3')]).toEqual([undefined, 2, 3]);
});

test('forgets as many as what comes is heavy, itself too', () => {
  const recent = new Recent<string>(10, 5);
  recent.set('a', 'a', 2);
  recent.set('b', 'b', 2);
  recent.set('c', 'c', 3);
  expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual([undefined, 'b', 'c']);
  recent.set('d', 'd', 6);
  expect(['a', 'b', 'c', 'd'].map((name) => recent.get(name))).toEqual(Array(4).fill(undefined));
});

test('sets anew and deletes without counting twice', () => {
  const recent = new Recent<string>(10, 5);
  for (let round = 0; round < 10; round++) recent.set('a', `${round}`, 5);
  expect(recent.get('a')).toBe('9');
  recent.delete('a');
  recent.delete('a');
  recent.set('b', 'b', 5);
  expect(recent.get('b')).toBe('b');
});
