import { randomBytes } from 'node:crypto';
import { ONLY } from '../../services/organizations/changes.ts';
import type { TrailRecord } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import type { SpoolBatch, SpoolGroup } from '../../store/trail-spool.ts';

/** What the keys of a trail's files begin with. */
export interface Destination {
  prefix?: string;
  /** Id of the organization, of an organization trail. */
  organization?: string;
}

export function destinationOf({ prefix, organization }: TrailRecord, store: Store): Destination {
  const known = organization ? store.organization.get(ONLY)?.id : undefined;
  return { ...(prefix !== undefined && { prefix }), ...(known !== undefined && { organization: known }) };
}

/** `[prefix/]AWSLogs/[o-ID/]ACCOUNT/` */
export function folderOf({ prefix, organization }: Destination, account: string): string {
  return `${prefix ? `${prefix}/` : ''}AWSLogs/${organization === undefined ? '' : `${organization}/`}${account}/`;
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-find-log-files.html */
export function logFileKey(to: Destination, { account, region }: SpoolGroup, time: number): string {
  const stamp = stampOf(time).replace(/\d\dZ$/, 'Z');
  const name = `${account}_CloudTrail_${region}_${stamp}_${uniqueText()}.json.gz`;
  return `${folderOf(to, account)}CloudTrail/${region}/${dateOf(time)}/${name}`;
}

export function digestKey(
  to: Destination,
  { account, region }: Pick<SpoolGroup, 'account' | 'region'>,
  trail: { name: string; region: string },
  time: number,
): string {
  const name = `${account}_CloudTrail-Digest_${region}_${trail.name}_${trail.region}_${stampOf(time)}.json.gz`;
  return `${folderOf(to, account)}CloudTrail-Digest/${region}/${dateOf(time)}/${name}`;
}

/** A file's content, of the records that wait. */
export function logFileText({ texts }: Pick<SpoolBatch, 'texts'>): Buffer {
  const parts = texts.flatMap((text, index) => (index === 0 ? [text] : [COMMA, text]));
  return Buffer.concat([Buffer.from('{"Records":['), ...parts, Buffer.from(']}')]);
}

const COMMA = Buffer.from(',');

/** `2026/08/01` */
function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10).replaceAll('-', '/');
}

/** `20260801T000000Z` */
function stampOf(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
}

/** Sixteen letters and digits. */
function uniqueText(): string {
  return randomBytes(18).toString('base64').replaceAll(/[+/]/g, 'A').slice(0, 16);
}
