import type { Readable } from 'node:stream';
import type { ByteSource, Sink } from './byte-source.ts';

/** A stream of so many bytes, to be poured. */
export const readableSource = (body: Readable, length: number): ByteSource => ({
  pour: (wanted, sink) => pour(body, wanted, length > wanted, sink),
  close: () => void body.destroy(),
});

function pour(body: Readable, wanted: number, more: boolean, sink: Sink): Promise<void> {
  return new Promise((resolve, reject) => {
    let missing = wanted;
    const fail = (error: unknown) => {
      reject(error as Error);
      body.destroy();
    };
    const finish = () => {
      if (missing > 0) fail(new Error(`${missing} bytes are missing`));
      else resolve();
    };
    const goOn = () => {
      if (missing > 0 || !more) {
        body.resume();
        return;
      }
      body.destroy();
      resolve();
    };
    const take = (data: Buffer) => {
      if (missing <= 0) return;
      const chunk = data.length > missing ? data.subarray(0, missing) : data;
      missing -= chunk.length;
      const taken = sink(chunk);
      if (taken) {
        body.pause();
        taken.then(goOn, fail);
      } else if (missing === 0 && more) goOn();
    };
    body.on('data', (data: Buffer) => {
      try {
        take(data);
      } catch (error) {
        fail(error);
      }
    });
    body.once('end', finish);
    body.once('error', fail);
    body.once('close', () => {
      if (missing > 0) finish();
    });
    if (wanted === 0 && more) goOn();
  });
}
