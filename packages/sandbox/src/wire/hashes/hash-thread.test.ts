import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { ThreadHash, type ThreadAlgorithm } from './hash-thread.ts';

/** Bytes that tell where they are from. */
function pieceOf(stream: number, index: number, size: number): Buffer {
  const piece = Buffer.alloc(size);
  for (let at = 0; at + 8 <= size; at += 8) {
    piece.writeUInt32LE(stream, at);
    piece.writeUInt32LE(index * size + at, at + 4);
  }
  return piece;
}

async function hashed(stream: number, algorithm: ThreadAlgorithm): Promise<[string, string]> {
  const own = createHash(algorithm);
  const thread = new ThreadHash(algorithm);
  for (let index = 0; index < 40; index++) {
    const piece = pieceOf(stream, index, 1 + ((stream * 7919 + index * 104_729) % 200_000));
    own.update(piece);
    await thread.update(piece);
    // What was taken over is no longer looked at.
    piece.fill(0);
  }
  return [await thread.digest(), own.digest('hex')];
}

test('many bodies at a time have the hashes that they have alone', async () => {
  const algorithms: ThreadAlgorithm[] = ['md5', 'sha256'];
  const all = await Promise.all(
    Array.from({ length: 24 }, (_, stream) => hashed(stream, algorithms[stream & 1]!)),
  );
  for (const [found, expected] of all) expect(found).toBe(expected);
});

test('nothing has the hash of nothing, and what was forgotten is in no other', async () => {
  const forgotten = new ThreadHash('md5');
  await forgotten.update(Buffer.from('x'));
  await forgotten.forget();
  expect(await new ThreadHash('md5').digest()).toBe(createHash('md5').digest('hex'));
});
