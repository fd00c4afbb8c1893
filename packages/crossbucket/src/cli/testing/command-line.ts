import { Writable } from 'node:stream';
import { run } from '../main.ts';

const style = { bold: String, dim: String, green: String, red: String };

export interface Ended {
  exit: number;
  out: string;
  err: string;
}

/** Runs a command line in this process, without a terminal. */
export async function crossbucket(...argv: string[]): Promise<Ended> {
  const written: Record<'out' | 'err', Buffer[]> = { out: [], err: [] };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk: Buffer, _, done) {
        written[name].push(Buffer.from(chunk));
        done();
      },
    });
  const exit = await run(argv, { out: sink('out'), err: sink('err'), style });
  const text = (name: 'out' | 'err') => Buffer.concat(written[name]).toString();
  return { exit, out: text('out'), err: text('err') };
}
