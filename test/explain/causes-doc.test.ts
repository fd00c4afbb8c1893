import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CAUSE_CODES, type CauseCode } from '@crossbucket/policy';
import { expect, test } from 'vitest';
import { PROBE_ANSWERS } from '../../packages/crossbucket/src/explain/probe/answers.ts';
import { CAUSE_WORDS } from '../../packages/crossbucket/src/explain/causes.ts';
import { explainSituation } from '../../packages/crossbucket/src/explain/explain-situation.ts';
import { FORMS, formWords } from './forms.ts';
import { caseOf } from './pairs.ts';
import { Random } from './random.ts';
import { situationOf, type Setup } from './setup.ts';
import { routesOf, WAYS } from './ways/index.ts';

const FILE = resolve(import.meta.dirname, '../../docs/causes.md');

const HEAD = `# Causes of denied calls

What \`crossbucket explain\` may name as the cause of a denied call, with what AWS says of it, and an example: what it says, and its first fix.
Each is tried through the AWS SDK, within an organization and across organizations (\`test/explain/forms.test.ts\`).
\`UPDATE_DOCS=1 npx vitest run test/explain/causes-doc.test.ts\` makes this page from the messages themselves.
`;

/** The setup of the tests, broken in the first way that leads to a cause. */
function exampleOf(code: CauseCode): { name: string; broken: Setup } {
  const way = WAYS.find(({ cause }) => cause === code)!;
  return { name: way.name, broken: caseOf(routesOf(way)[0]!, [way], new Random(1), {}).broken };
}

function sectionOf(code: CauseCode): string {
  const { name, broken } = exampleOf(code);
  const [cause] = explainSituation(situationOf(broken)).causes;
  expect(cause?.code).toBe(code);
  const [fix] = cause!.fixes;
  const { meaning, remedy } = CAUSE_WORDS[code];
  return [
    `## ${code}`,
    '',
    `${meaning} ${remedy} ${formWords(FORMS[code])}`,
    '',
    `Example, where ${name}:`,
    '',
    `> ${cause!.detail}`,
    ...(fix ? ['>', `> Fix${fix.account === '' ? '' : ` in account ${fix.account}`}: ${fix.summary}`] : []),
    '',
  ].join('\n');
}

test('docs/causes.md has a section for each cause, as the messages are', () => {
  const text = [HEAD, ...CAUSE_CODES.map(sectionOf)].join('\n');
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(FILE, text);
  expect(readFileSync(FILE, 'utf8')).toBe(text);
});

const PROBES = resolve(import.meta.dirname, '../../docs/probes.md');

const PROBES_HEAD = `# What can be told from outside

Without any right to read policies, \`crossbucket explain --probe\` makes calls that change nothing and give no object's content, and says what
their answers tell. Without \`--probe\` none of them is made.

| call | how | answer | what it tells | AWS's page |
| --- | --- | --- | --- | --- |
`;

test('docs/probes.md is the table that probing goes by', () => {
  const rows = PROBE_ANSWERS.map(
    ({ call, how, answer, tells, page }) => `| ${call} | ${how} | ${answer} | ${tells} | ${page} |\n`,
  );
  const text = PROBES_HEAD + rows.join('');
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PROBES, text);
  expect(readFileSync(PROBES, 'utf8')).toBe(text);
});
