import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { Trail, type TrailEntry } from '../../packages/sandbox/dist/trail/trail.js';
import { startTrailed } from './trail-server.js';

/** Records one read as often as asked, delivers all, and counts what is in the files. Prints what it took. */
const count = Number(process.argv[2]);
const known = new Set<Trail>();
let read: TrailEntry | undefined;
const { record } = Trail.prototype;
Trail.prototype.record = function (this: Trail, entry) {
  known.add(this);
  if (entry.operation === 'GetObject') read ??= entry;
  record.call(this, entry);
};
const aws = await startTrailed('trail');
const credentials = aws.accounts[0]!.root;
const s3 = new S3Client({ region: 'us-east-1', endpoint: aws.endpoint, credentials, forcePathStyle: true });
await s3
  .send(new GetObjectCommand({ Bucket: 'bench', Key: 'object' }))
  .then(({ Body }) => Body!.transformToString());
Trail.prototype.record = record;
const [trail] = known;

let early = 0;
let peak = 0;
const started = performance.now();
for (let index = 1; index < count; index++) {
  trail!.record({ ...read!, id: randomUUID(), requestId: `REQUEST${index}`, time: Date.now() });
  if (index % 1000 === 0) await setImmediate();
  if (index % 50_000 !== 0) continue;
  await aws.deliverTrails();
  peak = Math.max(peak, process.memoryUsage.rss());
  if (index <= count / 5) early = peak;
}
await aws.deliverTrails();
const seconds = (performance.now() - started) / 1000;
process.stdout.write(
  JSON.stringify({
    seconds,
    early: early / 1_048_576,
    peak: peak / 1_048_576,
    delivered: await countDelivered(),
  }),
);
await aws.close();
s3.destroy();

async function countDelivered(): Promise<number> {
  let delivered = 0;
  for (let token: string | undefined, more = true; more; more = token !== undefined) {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: 'bench-logs',
        ...(token !== undefined && { ContinuationToken: token }),
      }),
    );
    for (const { Key } of page.Contents ?? []) {
      if (!Key!.includes('/CloudTrail/')) continue;
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'bench-logs', Key }));
      const text = gunzipSync(await Body!.transformToByteArray()).toString();
      delivered += text.split('"eventName":"GetObject"').length - 1;
    }
    token = page.NextContinuationToken;
  }
  return delivered;
}
