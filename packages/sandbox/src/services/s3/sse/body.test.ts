import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { Store } from '../../../store/store.ts';
import { readBody } from './body.ts';
import { FrameSealer } from './frames.ts';

test.each([300_000, 9_000_000])(
  'a body of %i bytes is read though it is deleted before the first byte is asked for',
  async (size) => {
    const store = await Store.open();
    const [key, bytes] = [randomBytes(32), randomBytes(size)];
    const staged = await store.blobs.stage();
    await staged.write(new FrameSealer(key, size).push(bytes));
    await staged.commit();
    const record = { size, body: { id: staged.id, place: 'file' as const } };

    const stream = readBody(store.bodies, record, key, undefined) as Readable;
    await store.bodies.unlink([staged.id]);
    const closed = finished(stream);
    expect(Buffer.concat(await stream.toArray()).equals(bytes)).toBe(true);
    await closed;

    await expect.poll(() => readdirSync(join(store.folder, 'blobs'))).toEqual([]);
    await store.close();
  },
);
