import { compile } from '@crossbucket/policy';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { crossAccount } from './policy-cases.ts';

/** Prints by how many bytes the heap has grown after the given number of decisions, each about an object of its own. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapAfter(decisions: number): number {
  for (let i = 0; i < decisions; i++) {
    compiled.authorize({ ...crossAccount.request, resource: `arn:aws:s3:::acme-reports/reports/${i}` });
  }
  collect();
  return process.memoryUsage().heapUsed;
}

const compiled = compile(crossAccount.policies);
const before = heapAfter(100_000);
process.stdout.write(`${JSON.stringify(heapAfter(Number(process.argv[2])) - before)}\n`);
