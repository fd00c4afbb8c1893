/** More folders than these side by side are one pattern. */
const MOST_FOLDERS = 5;
const COUNTED = /\d{2}/;

interface Folder {
  folders: Map<string, Folder>;
  hasKeys: boolean;
}

/**
 * The patterns that cover these keys, neither key by key nor wider than need be: folders that hold keys, folders side by
 * side if they are few, and one pattern for folders that are counted or dated, since tomorrow's is another.
 */
export function generalise(keys: Iterable<string>): string[] {
  const root: Folder = { folders: new Map(), hasKeys: false };
  for (const key of keys) {
    let folder = root;
    const names = key.split('/').slice(0, -1);
    for (const name of names) {
      const inner = folder.folders.get(name) ?? { folders: new Map(), hasKeys: false };
      folder.folders.set(name, inner);
      folder = inner;
    }
    folder.hasKeys = true;
  }
  return patternsOf(root, '');
}

function patternsOf({ folders, hasKeys }: Folder, path: string): string[] {
  const names = [...folders.keys()];
  // `*` and `?` in a name would match other names, too.
  const isOne =
    hasKeys || names.length > MOST_FOLDERS || names.some((name) => COUNTED.test(name) || /[*?$]/.test(name));
  if (isOne || names.length === 0) return [`${path}*`];
  return names.toSorted().flatMap((name) => patternsOf(folders.get(name)!, `${path}${name}/`));
}
