import type { AccountConnection } from '../../accounts/index.ts';
import { hasName } from '../../accounts/aws-error.ts';

/** How documents of one kind are read and written. */
export interface Store<R> {
  /** The permission that reading takes. */
  reads(document: R): string;
  /** The permission that the change takes first. */
  writes(document: R, text: string | null, current: string | null): string;
  read(connection: AccountConnection, document: R): Promise<string | null>;
  write(
    connection: AccountConnection,
    document: R,
    text: string | null,
    current: string | null,
  ): Promise<void>;
}

/** The answer, or null where AWS says that there is none. */
export async function orNull<T>(call: Promise<T>, ...names: string[]): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (hasName(error, ...names)) return null;
    throw error;
  }
}

/**
 * IAM takes documents of Latin letters only; JSON can spell all others in ASCII.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
 */
export const iamText = (text: string): string =>
  text.replaceAll(/[\u0100-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
