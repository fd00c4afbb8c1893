import { runChild, script, startChild } from './children.ts';
import { median, printRows, type Row } from './report.ts';
import { signedRequest } from './signed-request.ts';
import type { Mode } from './trail-server.ts';

const CONNECTIONS = 16;
const DURATION = 2000;
const ROUNDS = 3;
const EVENTS = 1_000_000;
const PRINCIPALS = 10_000;

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
  const state = await runChild<{ exported: number; imported: number }>(script('trail-state.js'), [
    String(PRINCIPALS),
  ]);
  printRows(`A state of ${PRINCIPALS.toLocaleString('en-US')} roles`, [
    { name: 'export', value: state.exported, unit: 'ms' },
    { name: 'import, with the start of a sandbox', value: state.imported, unit: 'ms' },
  ]);
}

async function benchReads(): Promise<void> {
  const rates: Record<Mode, number[]> = { nothing: [], records: [], trail: [] };
  const modes = Object.keys(rates) as Mode[];
  const servers = await Promise.all(modes.map((mode) => startChild(script('trail-server.js'), [mode])));
  // In turns, so that what else the machine does meets all of them.
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, mode] of modes.entries()) rates[mode].push(await rate(servers[index]!.firstLine));
  await Promise.all(servers.map((server) => server.stop()));
  const yardstick = { name: 'one that records nothing', value: median(rates.nothing) };
  const row = (name: string, mode: Mode): Row => ({
    name,
    value: median(rates[mode]),
    unit: '/s',
    yardstick,
  });
  printRows(`GET 4 KiB, ${CONNECTIONS} in flight`, [
    row('recorded', 'records'),
    row('recorded, and logged by a trail', 'trail'),
  ]);
}

async function rate(ready: string): Promise<number> {
  const signer = JSON.parse(ready) as { endpoint: string; accessKeyId: string; secretAccessKey: string };
  const request = await signedRequest(signer, 'GET', '/bench/object');
  const port = Number(new URL(signer.endpoint).port);
  const job = { port, request, connections: CONNECTIONS, duration: DURATION, status: 200 };
  return (await runChild<{ perSecond: number }>(script('raw-client.js'), [JSON.stringify(job)])).perSecond;
}
