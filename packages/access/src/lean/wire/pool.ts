import { Connection, type Origin } from './connection.ts';

/** Connections that wait for their next request, of one origin. */
const MOST_FREE = 64;
/** Milliseconds without a byte in either direction; a connection that nobody needs is closed after as long. */
const IDLE = 30_000;

const free = new Map<string, Connection[]>();

const nameOf = ({ secure, hostname, port }: Origin) => `${secure ? 'https' : 'http'}://${hostname}:${port}`;

const keeper = {
  free(connection: Connection): void {
    const name = nameOf(connection.origin);
    const others = free.get(name) ?? [];
    free.set(name, others);
    if (others.length < MOST_FREE) others.push(connection);
    else connection.destroy(new Error('there are enough connections'));
  },
  gone(connection: Connection): void {
    const others = free.get(nameOf(connection.origin));
    const at = others?.indexOf(connection) ?? -1;
    if (at !== -1) others!.splice(at, 1);
  },
};

/** The connection that was used last, or a new one. It comes back by itself. */
export function connectionTo(origin: Origin): Connection {
  return free.get(nameOf(origin))?.pop() ?? new Connection(origin, IDLE, keeper);
}
