import { createHash } from 'node:crypto';

/** A short name for a JSON value, from which the value cannot be read. */
export const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url');

/** Names everything in the environment that the SDK's own configuration depends on. */
export function environmentDigest(): string {
  const relevant = Object.entries(process.env).filter(([name]) => /^(AWS_|HOME$|USERPROFILE$)/.test(name));
  return digest(relevant.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const objectIds = new WeakMap<object, number>();
let lastObjectId = 0;

/** A number for an object that only its identity tells from another. */
export function objectId(value: object | undefined): number {
  if (!value) return 0;
  const id = objectIds.get(value) ?? ++lastObjectId;
  objectIds.set(value, id);
  return id;
}
