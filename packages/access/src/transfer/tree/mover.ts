import { copyObject } from '../copy.ts';
import { CopyWays } from '../copy-ways.ts';
import { downloadTo } from '../download.ts';
import type { Run } from '../run.ts';
import { uploadFile } from '../upload.ts';
import { showName, type Side } from './side.ts';
import type { TargetFolder } from './target-folder.ts';
import type { TreeRules } from './transfer-tree.ts';

/** Moves one object, of whose size the listing tells, and returns its bytes. */
export type Mover = (name: string, size: number) => Promise<number>;

export async function openMover(
  from: Side,
  to: Side,
  folder: TargetFolder | undefined,
  rules: TreeRules,
  run: Run,
): Promise<Mover> {
  const { readSettings, settings, properties, tags, time } = rules;
  if (from.kind === 'folder' && to.kind === 'bucket') {
    const { connection, prefix } = to;
    return async (name, size) => {
      const subject = { connection, key: prefix + name, properties, settings };
      return (await uploadFile(subject, showName(from, name), run, size)).size;
    };
  }
  if (from.kind === 'bucket' && to.kind === 'folder') {
    const { connection, prefix } = from;
    return async (name) => {
      const path = await folder!.place(name);
      const subject = { connection, key: prefix + name, settings: readSettings };
      return (await downloadTo(subject, path, showName(to, name), time, run)).size;
    };
  }
  if (from.kind !== 'bucket' || to.kind !== 'bucket') throw new Error('one side is a bucket');
  const ways = await CopyWays.between(from.connection, to.connection);
  return async (name, size) => {
    const subject = {
      from: from.connection,
      key: from.prefix + name,
      to: to.connection,
      toKey: to.prefix + name,
      tags,
      readSettings,
      settings,
      size,
    };
    return (await copyObject(subject, ways, run)).size;
  };
}
