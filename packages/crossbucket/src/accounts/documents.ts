import type { PolicyDocument } from '@crossbucket/policy';
import { AccountError } from './account-error.ts';

/** Texts of the documents that were read, as AWS gave them, by what `UnknownFact` calls them. */
export class DocumentTexts {
  readonly #account: string;
  readonly #texts = new Map<string, string>();

  constructor(account: string) {
    this.#account = account;
  }

  get(what: string): string | undefined {
    return this.#texts.get(what);
  }

  /** Keeps the text and gives the document. @throws AccountError `malformed-document` */
  parse(what: string, text: string): PolicyDocument {
    this.#texts.set(what, text);
    return parseDocument(this.#account, what, text);
  }

  /** IAM writes documents URL-encoded (RFC 3986). */
  parseEncoded(what: string, text: string): PolicyDocument {
    return this.parse(what, decodeURIComponent(text));
  }
}

/** @throws AccountError `malformed-document` */
export function parseDocument(account: string, what: string, text: string): PolicyDocument {
  try {
    const document = JSON.parse(text) as PolicyDocument | null;
    if (typeof document === 'object' && document !== null && 'Statement' in document) return document;
  } catch {
    // Said below.
  }
  throw new AccountError(
    'malformed-document',
    `account ${account}, ${what}: what AWS gives is not a policy document`,
    'look at it with the AWS CLI, and put a valid one in its place',
    { account, document: what },
  );
}
