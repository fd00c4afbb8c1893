import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Call, Copy } from './calls.ts';
import type { Random } from './random.ts';
import { recordOf } from './records.ts';

export interface LayoutOptions {
  /** Accounts whose trails are there; others' copies are nowhere. */
  trails: readonly string[];
  /** About how many files; at least one for each account, region and day. */
  files: number;
  /** Of an organization's trail: `o-a1b2c3d4e5`. */
  organization?: string;
  prefix?: string;
}

/** A file of a trail: its key, and what goes into it. */
export interface LogFile {
  key: string;
  records: { call: Call; copy: Copy; eventID: string }[];
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html */
export function layOut(calls: readonly Call[], random: Random, options: LayoutOptions): LogFile[] {
  const groups = new Map<string, LogFile['records']>();
  for (const call of calls)
    for (const copy of call.copies) {
      if (!options.trails.includes(copy.account)) continue;
      const name = `${copy.account} ${call.region} ${day(call.time)}`;
      const group = groups.get(name) ?? [];
      group.push({ call, copy, eventID: random.uuid() });
      groups.set(name, group);
    }
  const total = [...groups.values()].reduce((sum, group) => sum + group.length, 0);
  const most = Math.max(1, Math.ceil(total / options.files));
  return [...groups].flatMap(([name, group]) => {
    const [account = '', region = '', date = ''] = name.split(' ');
    const parts = Math.max(1, Math.round(group.length / most));
    const size = Math.ceil(group.length / parts);
    return Array.from({ length: parts }, (_, part) => ({
      key: keyOf(account, region, date, random, part, options),
      records: group.slice(part * size, (part + 1) * size),
    }));
  });
}

const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

function keyOf(
  account: string,
  region: string,
  date: string,
  random: Random,
  part: number,
  { organization, prefix }: LayoutOptions,
): string {
  const stamp = `${date.replaceAll('-', '')}T${String(part % 24).padStart(2, '0')}05Z`;
  return [
    ...(prefix === undefined ? [] : [prefix]),
    'AWSLogs',
    ...(organization === undefined ? [] : [organization]),
    account,
    'CloudTrail',
    region,
    ...date.split('-'),
    `${account}_CloudTrail_${region}_${stamp}_${random.id(16)}.json.gz`,
  ].join('/');
}

export function textOf({ records }: LogFile): string {
  return JSON.stringify({ Records: records.map(({ call, copy, eventID }) => recordOf(call, copy, eventID)) });
}

/** Writes the files under a folder, as they lie in a trail's bucket. */
export function writeLogs(folder: string, files: readonly LogFile[]): void {
  for (const file of files) {
    const path = join(folder, file.key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, gzipSync(textOf(file), { level: 6 }));
  }
}
