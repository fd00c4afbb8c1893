import { isMap, isNode, isSeq, parseDocument, stringify, type YAMLMap } from 'yaml';
import { parseSpec, type GrantSpec } from '../../spec/index.ts';

/**
 * The text of a configuration with another `access` and other `principals` of one grant, and everything else as it stands,
 * comments too.
 */
export function editGrant(text: string, grant: GrantSpec): string {
  const grants = parseDocument(text).get('grants');
  const items = isSeq(grants) ? grants.items : [];
  const node = items.find((item): item is YAMLMap => isMap(item) && item.get('name') === grant.name);
  if (node === undefined) throw new Error(`no grant \`${grant.name}\` to edit`);
  const { access, principals } = grant;
  const edits = [
    ...accessEdits(node.get('access'), access),
    ...(principals === undefined ? [] : editOf(node.get('principals'), principals)),
  ];
  const edited = edits
    .toSorted((one, other) => other.from - one.from)
    .reduce((before, { from, to, value }) => before.slice(0, from) + value + before.slice(to), text);
  const written = parseSpec(edited, 'the smaller grant').grants?.find(({ name }) => name === grant.name);
  if (JSON.stringify(sorted(written?.access)) !== JSON.stringify(sorted(access)))
    throw new Error(`the grant \`${grant.name}\` could not be edited`);
  return edited;

  /** What is the same is left as it is written. */
  function editOf(target: unknown, value: unknown): Edit[] {
    if (!isNode(target) || JSON.stringify(target.toJSON()) === JSON.stringify(value)) return [];
    const [from = 0, end = 0] = target.range ?? [];
    const to = from + text.slice(from, end).trimEnd().length;
    return [{ from, to, value: flow(value) }];
  }

  /** List by list where the same parts stay, so that comments stay; as a whole elsewhere. */
  function accessEdits(target: unknown, value: GrantSpec['access']): Edit[] {
    const parts = Object.entries(value);
    const isSame =
      isMap(target) && target.items.length === parts.length && parts.every(([part]) => target.has(part));
    if (!isSame) return editOf(target, value);
    return parts.flatMap(([part, its]) => editOf(target.get(part, true), its));
  }
}

interface Edit {
  from: number;
  to: number;
  value: string;
}

const flow = (value: unknown): string =>
  stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trimEnd();

const sorted = (value: object | undefined): [string, unknown][] =>
  Object.entries(value ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1));
