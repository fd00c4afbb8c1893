import { createHash } from 'node:crypto';

const OWNED = /^Crossbucket([A-Za-z0-9]*)X([0-9a-f]{8})([0-9a-f]{8})$/;

/** What the Sid of a statement of ours tells. */
export interface OwnedSid {
  /** Grant and part, for people. */
  label: string;
  /** Of the grant. */
  owner: string;
  /** Of the grant's specification, when it was written. */
  version: string;
}

/** A Sid takes letters and digits only, so grant and version stand in it as hexadecimal digits. */
export function ownedSid(grant: string, part: string, owner: string, version: string): string {
  const words = grant.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const name = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
  return `Crossbucket${name.slice(0, 32)}${part}X${owner}${version}`;
}

export function readOwnedSid(sid: string | undefined): OwnedSid | undefined {
  const match = OWNED.exec(sid ?? '');
  return match ? { label: match[1]!, owner: match[2]!, version: match[3]! } : undefined;
}

export const isOwned = (sid: string | undefined, owner: string): boolean =>
  readOwnedSid(sid)?.owner === owner;

/** Eight hexadecimal digits that stand for a text. */
export const shortHash = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 8);
