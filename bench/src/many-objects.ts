import { Store } from '../../packages/sandbox/dist/store/store.js';

/** Fills a data folder with two buckets of empty objects, many and few; the sandbox is started on it afterwards. */
const [folder = '', account = '', many = '0', few = '0'] = process.argv.slice(2);
const BATCH = 5000;

const store = await Store.open(folder);
for (const [name, count] of [
  ['many', Number(many)],
  ['few', Number(few)],
] as const) {
  const bucket = {
    account,
    name,
    id: Buffer.from(name.padEnd(8)).toString('hex'),
    region: 'us-east-1',
    created: 0,
  };
  store.buckets.set(name, bucket as never);
  for (let start = 0; start < count; start += BATCH)
    await Promise.all(
      Array.from({ length: Math.min(BATCH, count - start) }, (_, index) =>
        store.objects.commit(bucket, `data/${String(start + index).padStart(9, '0')}.json`, {
          owner: account,
          size: 0,
          etag: '"d41d8cd98f00b204e9800998ecf8427e"',
          modified: 0,
          headers: {},
          metadata: {},
        }),
      ),
    );
}
await store.settled();
await store.close();
process.stdout.write('{}');
