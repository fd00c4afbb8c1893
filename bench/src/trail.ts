import { cpuOf } from './cpu.ts';
import { runChild, script, startChild } from './children.ts';
import { median, printRows, type Row } from './report.ts';
import { signedRequest } from './signed-request.ts';
import type { Mode } from './trail-server.ts';

const CONNECTIONS = 16;
const DURATION = 2000;
const ROUNDS = 3;
const EVENTS = 1_000_000;
const PRINCIPALS = 10_000;
const RESETS = 50;

/** What recording costs a read of 4 KiB, the delivery of a million events, and a state of ten thousand principals. */
export async function benchTrail(): Promise<void> {
  await benchReads();
  const { seconds, early, peak, delivered } = await runChild<Record<string, number>>(
    script('trail-million.js'),
    [String(EVENTS)],
  );
  printRows(
    `A trail of ${EVENTS.toLocaleString('en-US')} events, of which ${delivered!.toLocaleString('en-US')} are in its files`,
    [
      { name: 'recorded and delivered', value: EVENTS / seconds!, unit: '/s' },
      {
        name: 'peak memory',
        value: peak!,
        unit: 'MiB',
        yardstick: { name: 'that of the first fifth', value: early! },
      },
    ],
  );
  for (const kind of ['users', 'roles']) {
    const state = await runChild<{ exported: number; imported: number }>(script('trail-state.js'), [
      String(PRINCIPALS),
      kind,
    ]);
    printRows(`A state of ${PRINCIPALS.toLocaleString('en-US')} ${kind}, each with a policy of its own`, [
      { name: 'export', value: state.exported, unit: 'ms' },
      { name: 'import, with the start of a sandbox', value: state.imported, unit: 'ms' },
    ]);
  }
  const { times } = await runChild<{ times: number[] }>(script('trail-resets.js'), [String(RESETS)]);
  printRows('A reset of the fixture, after a test that made a bucket, a user and five changes of objects', [
    { name: 'median', value: median(times), unit: 'ms' },
    { name: 'slowest', value: Math.max(...times), unit: 'ms' },
  ]);
}

async function benchReads(): Promise<void> {
  const modes: Mode[] = ['nothing', 'records', 'trail'];
  const servers = await Promise.all(modes.map((mode) => startChild(script('trail-server.js'), [mode])));
  const measured = servers.map((): Measured => ({ rates: [], cpu: [] }));
  // In turns, so that what else the machine does meets all of them.
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, server] of servers.entries()) {
      const before = cpuOf(server.pid);
      const perSecond = await rate(server.firstLine);
      measured[index]!.rates.push(perSecond);
      const after = cpuOf(server.pid);
      // Of the warm-up, too, which is a fifth more.
      if (before !== undefined && after !== undefined)
        measured[index]!.cpu.push((after - before) / (perSecond * (DURATION / 1000) * 1.2));
    }
  await Promise.all(servers.map((server) => server.stop()));
  const [nothing, records, trail] = measured as [Measured, Measured, Measured];
  const rows = (name: string, { rates, cpu }: Measured): Row[] => [
    { name, value: median(rates), unit: '/s', yardstick: { name: BARE, value: median(nothing.rates) } },
    ...(cpu.length === 0
      ? []
      : [
          {
            name: '  CPU of each',
            value: median(cpu),
            unit: 'µs',
            yardstick: { name: BARE, value: median(nothing.cpu) },
          },
        ]),
  ];
  printRows(`GET 4 KiB, ${CONNECTIONS} in flight`, [
    ...rows('recorded', records),
    ...rows('recorded, and logged by a trail', trail),
  ]);
}

interface Measured {
  /** Answers a second. */
  rates: number[];
  /** Microseconds of the server's CPU for each. */
  cpu: number[];
}

const BARE = 'one that records nothing';

async function rate(ready: string): Promise<number> {
  const signer = JSON.parse(ready) as { endpoint: string; accessKeyId: string; secretAccessKey: string };
  const request = await signedRequest(signer, 'GET', '/bench/object');
  const port = Number(new URL(signer.endpoint).port);
  const job = { port, request, connections: CONNECTIONS, duration: DURATION, status: 200 };
  return (await runChild<{ perSecond: number }>(script('raw-client.js'), [JSON.stringify(job)])).perSecond;
}
