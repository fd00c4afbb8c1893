import { existsSync } from 'node:fs';
import { SandboxError } from '../errors.ts';
import type { ExportOptions } from './export.ts';

/**
 * The state of a data folder that no sandbox runs on.
 * @throws SandboxError `InvalidState`, `DataFolderInUse`, `DataFolderFormat`, `StateTooLarge`
 */
export async function exportFolder(folder: string, options: ExportOptions = {}): Promise<string> {
  if (!existsSync(`${folder}/state`))
    throw new SandboxError(
      'InvalidState',
      `there is no data folder of a sandbox at \`${folder}\``,
      'name the folder that `crossbucket sandbox --data` was given',
    );
  const [{ Store }, { exportState }] = await Promise.all([
    import('../store/store.ts'),
    import('./export.ts'),
  ]);
  const store = await Store.open(folder);
  try {
    return await exportState(store, options);
  } finally {
    await store.close();
  }
}

/**
 * Plain data as a state file, once it is known to be one.
 * @throws SandboxError `InvalidState`
 */
export async function formatState(
  state: Readonly<Record<string, unknown>>,
  options: Pick<ExportOptions, 'mask'> = {},
): Promise<string> {
  const [{ mask }, { writeState }, { parseState }] = await Promise.all([
    import('./mask.ts'),
    import('./write.ts'),
    import('./import.ts'),
  ]);
  const text = writeState(options.mask ? mask(state) : state);
  parseState(text, 'the state');
  return text;
}
