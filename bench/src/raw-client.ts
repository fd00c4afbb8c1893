import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

/**
 * Sends one request over and over on several connections, and prints how many answers came in a second. It parses
 * as little as it can, so that the server is what is measured.
 */
interface Job {
  port: number;
  /** Head and body, ready to send. */
  request: string;
  connections: number;
  /** In milliseconds, after a warm-up of a fifth. */
  duration: number;
  status: number;
}

const { request, ...job } = JSON.parse(readJob(process.argv[2] ?? '')) as Job;
const bytes = Buffer.from(request, 'base64');
let answers = 0;
let counting = false;

/** A large job is too long for a command line: `@FILE` names where it is. */
function readJob(given: string): string {
  return given.startsWith('@') ? readFileSync(given.slice(1), 'utf8') : given;
}

function run(socket: Socket): void {
  let head = Buffer.alloc(0);
  /** Bytes of the body that are to come; nothing while the head is. */
  let missing: number | undefined;
  socket.on('data', (data) => {
    if (missing === undefined) {
      head = head.length === 0 ? data : Buffer.concat([head, data]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      missing = lengthIn(head, end) - (head.length - end - 4);
      head = Buffer.alloc(0);
    } else missing -= data.length;
    if (missing > 0) return;
    missing = undefined;
    if (counting) answers++;
    socket.write(bytes);
  });
  socket.write(bytes);
}

function lengthIn(answer: Buffer, end: number): number {
  const head = answer.toString('latin1', 0, end);
  if (!head.startsWith(`HTTP/1.1 ${job.status} `))
    throw new Error(`unexpected answer: ${answer.toString('utf8', 0, 400)}`);
  return Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
}

for (let index = 0; index < job.connections; index++) {
  const socket = connect(job.port, '127.0.0.1', () => run(socket));
  socket.setNoDelay(true);
}
setTimeout(() => {
  counting = true;
  const start = performance.now();
  setTimeout(() => {
    process.stdout.write(JSON.stringify({ perSecond: answers / ((performance.now() - start) / 1000) }));
    process.exit(0);
  }, job.duration);
}, job.duration / 5);
