import type { GroupRecord, RoleRecord, UserRecord } from '../../store/records.ts';
import { deleteConflict } from './errors.ts';

/** What AWS says of an entity whose deletion its policies keep back. */
export function requireNoPolicies({ inline, attached }: UserRecord | RoleRecord | GroupRecord): void {
  if (Object.keys(inline).length > 0)
    throw deleteConflict('Cannot delete entity, must delete policies first.');
  if (attached.length > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
}
