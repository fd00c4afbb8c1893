import { parseState, startSandbox } from '@crossbucket/sandbox';

/** Exports a state of many users or roles, each with a policy of its own, and imports it; prints what each took in milliseconds. */
const count = Number(process.argv[2]);
const kind = process.argv[3] as 'users' | 'roles';
const trust = `
        trust: { Version: "2012-10-17", Statement: [{ Effect: Allow, Principal: { AWS: "111111111111" }, Action: "sts:AssumeRole" }] }`;
const principals = Array.from(
  { length: count },
  (_, index) => `      - name: principal-${index}${kind === 'roles' ? trust : ''}
        policies:
          read: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket-${index}/*" }] }
`,
);
const text = `state: 1\naccounts:\n  - id: "111111111111"\n    name: app\n    ${kind}:\n${principals.join('')}`;
const first = await startSandbox({ state: await parseState(text) });
const started = performance.now();
const exported = await first.exportState();
const between = performance.now();
const second = await startSandbox({ state: await parseState(exported) });
const ended = performance.now();
if ((await second.exportState()) !== exported) throw new Error('the state is another after an import');
process.stdout.write(
  JSON.stringify({ exported: between - started, imported: ended - between, bytes: exported.length }),
);
await Promise.all([first.close(), second.close()]);
