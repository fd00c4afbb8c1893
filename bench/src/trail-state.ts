import { parseState, startSandbox } from '@crossbucket/sandbox';

/** Exports a state of many roles and imports it, and prints what each took in milliseconds. */
const count = Number(process.argv[2]);
const roles = Array.from(
  { length: count },
  (_, index) => `      - name: role-${index}
        trust: { Version: "2012-10-17", Statement: [{ Effect: Allow, Principal: { AWS: "111111111111" }, Action: "sts:AssumeRole" }] }
        policies:
          read: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket-${index % 500}/*" }] }
`,
);
const text = `state: 1\naccounts:\n  - id: "111111111111"\n    name: app\n    roles:\n${roles.join('')}`;
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
