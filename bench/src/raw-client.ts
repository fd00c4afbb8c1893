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

const { request, ...job } = JSON.parse(process.argv[2]!) as Job;
const bytes = Buffer.from(request, 'base64');
let answers = 0;
let counting = false;

function run(socket: Socket): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (data) => {
    pending = pending.length === 0 ? data : Buffer.concat([pending, data]);
    const end = pending.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = pending.toString('latin1', 0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (pending.length < end + 4 + length) return;
    if (!head.startsWith(`HTTP/1.1 ${job.status} `))
      throw new Error(`unexpected answer: ${pending.toString('utf8', 0, 400)}`);
    pending = Buffer.alloc(0);
    if (counting) answers++;
    socket.write(bytes);
  });
  socket.write(bytes);
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
