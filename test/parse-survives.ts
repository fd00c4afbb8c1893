import { POLICY_RULES, type PolicyKind, lint, parsePolicy } from '@crossbucket/policy';
import { expect } from 'vitest';
import { Random, generated, mutated, reworded } from './policy-texts.ts';

const KINDS: (PolicyKind | undefined)[] = [
  ...(['identity', 'boundary', 'session', 'bucket', 'access-point', 'key', 'trust', 'scp', 'rcp'] as const),
  'vpc-endpoint',
  undefined,
];

const CODES = new Set(POLICY_RULES.map(({ code }) => code));

/** What one run saw. */
export interface Tally {
  texts: number;
  usable: number;
  problems: Map<string, number>;
}

/** Parses many texts and holds each result against what must be true of it. Throws at the first that is not. */
export function parseMany(count: number, seed: number): Tally {
  const random = new Random(seed);
  const tally: Tally = { texts: 0, usable: 0, problems: new Map() };
  for (; tally.texts < count; tally.texts++) {
    const text = random.pick([generated, mutated, reworded])(random);
    const kind = random.pick(KINDS);
    try {
      examine(text, kind, tally);
    } catch (cause) {
      throw new Error(`seed ${seed}, text ${tally.texts}, as ${kind}: ${JSON.stringify(text)}`, { cause });
    }
  }
  return tally;
}

function examine(text: string, kind: PolicyKind | undefined, tally: Tally): void {
  const { document, problems } = parsePolicy(text, kind);
  for (const { code, severity, message, help, line, column } of problems) {
    const known =
      CODES.has(code) && ['error', 'warning', 'note'].includes(severity) && message !== '' && help !== '';
    if (!known || line < 1 || column < 1)
      expect.fail(`a malformed problem: ${JSON.stringify({ code, message, help, line, column })}`);
    tally.problems.set(code, (tally.problems.get(code) ?? 0) + 1);
  }
  const refused = problems.some(({ severity }) => severity === 'error');
  if ((document === undefined) !== refused) expect.fail('a document and an error, or neither');
  const json = read(text);
  const isSyntax = problems.some(({ code }) => code === 'json-syntax');
  // A byte order mark is not JSON, and editors write it.
  if (isSyntax === json.valid && !text.startsWith('\uFEFF'))
    expect.fail(`JSON.parse says ${json.valid ? 'yes' : 'no'}`);
  if (document === undefined) return;
  tally.usable++;
  expect(document).toEqual(json.value);
  if (kind !== undefined) lint(document, kind);
}

function read(text: string): { valid: boolean; value?: unknown } {
  try {
    return { valid: true, value: JSON.parse(text.replace(/^\uFEFF/, '')) as unknown };
  } catch {
    return { valid: false };
  }
}
