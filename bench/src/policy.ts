import { type AccessRequest, type PolicySet, authorize, authorizeCall, compile } from '@crossbucket/policy';
import { runChild, script } from './children.ts';
import { call, crossAccount, denied, hostileGlob, manyStatements } from './policy-cases.ts';
import { median, printRows, type Row } from './report.ts';

const ROUNDS = 5;
const ROUND = 200;
const IMPORTS = 9;
const MANY_DECISIONS = 10_000_000;

/** Decisions a second on one core, beside a naive evaluator that reads the documents anew each time. */
export async function benchPolicy(): Promise<void> {
  const { isAllowed } = await loadNaive();
  const { request, policies } = crossAccount;
  const compiled = compile(policies);
  const compiledDenied = compile(denied.policies);
  const naive = { name: 'naive evaluator', value: rate(() => isAllowed(request, policies)) };
  const perSecond = (name: string, decide: () => unknown): Row => ({
    name,
    value: rate(decide),
    unit: '/s',
    yardstick: naive,
  });
  printRows('Policy decisions, cross-account GetObject', [
    perSecond('compiled', () => compiled.authorize(request)),
    perSecond('compiled each time', () => authorize(request, policies)),
    perSecond('compiled, denied and explained', () => compiledDenied.authorize(request)),
    perSecond('a whole call, authorizeCall', () => authorizeCall(call.world, call.call)),
  ]);
  printRows('100 statements of 20 conditions, beside 1 of 2', manyRows());
  printRows('Policy package', [
    { name: 'import, median of a fresh process', value: await importTime(), unit: 'ms' },
    { name: 'a*a*...b against 10,000 letters', value: 1e6 / rate(hostile()), unit: 'µs' },
    { name: 'heap growth, 10 million decisions', value: (await heapGrowth()) / 2 ** 20, unit: 'MiB' },
  ]);
}

function manyRows(): Row[] {
  const cases = [
    ['all apply', 'Allow', 'nothing'],
    ['each fails at its last condition', 'Allow', 'condition'],
    ['each fails at its last condition', 'Deny', 'condition'],
    ['each fails at its resource', 'Allow', 'resource'],
    ['each fails at its resource', 'Deny', 'resource'],
  ] as const;
  return cases.map(([name, effect, differ]) => ({
    name: `${effect}, ${name}`,
    value: costOf(manyStatements(100, 20, effect, differ)),
    unit: 'µs',
    yardstick: { name: '1 of 2', value: costOf(manyStatements(1, 2, effect, differ)) },
  }));
}

function costOf({ request, policies }: { request: AccessRequest; policies: PolicySet }): number {
  const compiled = compile(policies);
  return 1e6 / rate(() => compiled.authorize(request));
}

function hostile(): () => unknown {
  const compiled = compile(hostileGlob.policies);
  return () => compiled.authorize(hostileGlob.request);
}

/** Calls a second: the median of some rounds, after one to warm up. */
function rate(work: () => unknown): number {
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const started = performance.now();
    let calls = 0;
    for (; performance.now() - started < ROUND; calls += 100) for (let i = 0; i < 100; i++) work();
    if (round > 0) rates.push((calls * 1000) / (performance.now() - started));
  }
  return median(rates);
}

async function importTime(): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < IMPORTS; i++) times.push(await runChild<number>(script('policy-import.js'), []));
  return median(times);
}

const heapGrowth = (): Promise<number> =>
  runChild<number>(script('policy-memory.js'), [String(MANY_DECISIONS)]);

interface Naive {
  isAllowed(request: AccessRequest, policies: PolicySet): boolean;
}

/** It stands under `test/`, outside this project, and is built into a folder beside this one. */
async function loadNaive(): Promise<Naive> {
  return (await import(new URL('naive/evaluate.js', import.meta.url).href)) as Naive;
}
