import type { Unknown } from '../explanation.ts';

/** Roles that are followed one after the other, at most. */
export const MOST_LINKS = 4;
/** Ways through roles that all trust each other are more than anybody reads. */
export const MOST_PATHS = 500;
/** Parts of a bucket that policies speak of, and that are tried for each caller. */
export const MOST_PATTERNS = 20;

/** What was not followed: the answer is partial then. */
export class LeftOut {
  readonly #found = new Map<string, Unknown>();

  links(account: string): void {
    this.#add({
      account,
      what: 'longer-chains',
      why: `no more than ${MOST_LINKS} roles in a row are followed`,
    });
  }

  paths(account: string): void {
    this.#add({
      account,
      what: 'further-ways',
      why: `the ${MOST_PATHS} shortest ways through roles are shown`,
    });
  }

  patterns(account: string, bucket: string): void {
    this.#add({
      account,
      what: `further-keys ${bucket}`,
      why: `the first ${MOST_PATTERNS} parts that policies speak of were tried`,
    });
  }

  #add(unknown: Unknown): void {
    this.#found.set(`${unknown.account} ${unknown.what}`, unknown);
  }

  get all(): Unknown[] {
    return [...this.#found.values()];
  }
}
