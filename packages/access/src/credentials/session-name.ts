import { hostname } from 'node:os';
import { basename } from 'node:path';

// A role session name has 2 to 64 characters of [\w+=,.@-]: AssumeRole in the models of @aws-sdk/client-sts.
const LONGEST = 64;

const legal = (text: string) => text.replaceAll(/[^\w+=,.@-]+/g, '-').replaceAll(/^-+|-+$/g, '');

/** Names the program and the host, so that the other account's CloudTrail says who called. */
export function defaultSessionName(program = process.argv[1] ?? process.title, host = hostname()): string {
  const name = legal(basename(program).replace(/\.[cm]?[jt]s$/, '')).slice(0, 31) || 'node';
  return `${name}@${legal(host) || 'localhost'}`.slice(0, LONGEST);
}
