import { BodyChecks } from '../body-checks.ts';
import type { IncomingBody } from '../body.ts';
import { AwsError } from '../errors.ts';
import type { RequestHead } from '../message.ts';
import type { PostPolicy } from './post-policy.ts';

/** The file of a form, checked while it is read. How long it is shows at its end. */
export class FormBody implements IncomingBody {
  readonly length = undefined;
  readonly isUnsized = true;
  checksum: IncomingBody['checksum'];
  readonly #file: AsyncIterable<Buffer>;
  readonly #head: RequestHead;
  readonly #size: PostPolicy['size'];

  /** @param head With the fields of the form as headers: what they state of the file must hold. */
  constructor(file: AsyncIterable<Buffer>, head: RequestHead, size: PostPolicy['size']) {
    this.#file = file;
    this.#head = head;
    this.#size = size;
  }

  async *chunks(): AsyncGenerator<Buffer> {
    const checks = new BodyChecks(this.#head, undefined, 0);
    const { least = 0, most = Infinity } = this.#size ?? {};
    let received = 0;
    for await (const bytes of this.#file) {
      received += bytes.length;
      if (received > most)
        throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
          fields: { ProposedSize: String(received), MaxSizeAllowed: String(most) },
        });
      await checks.update(bytes);
      yield bytes;
    }
    if (received < least)
      throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
        fields: { ProposedSize: String(received), MinSizeAllowed: String(least) },
      });
    this.checksum = await checks.finish(new Map());
  }

  async collect(limit: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const bytes of this.chunks()) {
      size += bytes.length;
      if (size > limit) throw new AwsError('MaxMessageLengthExceeded', 'Your request was too big.');
      pieces.push(bytes);
    }
    return Buffer.concat(pieces);
  }
}
