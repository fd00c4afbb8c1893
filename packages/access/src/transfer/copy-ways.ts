import { placeOf } from '../lean/place.ts';
import type { BucketConnection } from '../s3/bucket-connection.ts';

/** Whose credentials make S3 copy by itself; or the bytes come here and go on, read and written by each side's own. */
export type CopyWay = 'by-target' | 'by-source' | 'through-memory';

/** Denials in a row after which a way is not tried any more. */
const ENOUGH = 3;

/** Which way objects take between two buckets: found out by trying. */
export class CopyWays {
  readonly #denials = new Map<CopyWay, number>();
  readonly #possible: readonly CopyWay[];

  private constructor(possible: readonly CopyWay[]) {
    this.#possible = possible;
  }

  /** S3 copies only between buckets of the same service: elsewhere, the other bucket's name may be somebody else's. */
  static async between(source: BucketConnection, target: BucketConnection): Promise<CopyWays> {
    const [from, to] = await Promise.all([placeOf(source), placeOf(target)]);
    return new CopyWays(from === to ? ['by-target', 'by-source', 'through-memory'] : ['through-memory']);
  }

  /** The cheapest first. */
  inOrder(): CopyWay[] {
    return this.#possible.filter((way) => (this.#denials.get(way) ?? 0) < ENOUGH);
  }

  denied(way: CopyWay): void {
    this.#denials.set(way, (this.#denials.get(way) ?? 0) + 1);
  }

  worked(way: CopyWay): void {
    this.#denials.set(way, -Infinity);
  }
}
