import type { NormalizedSchema } from '@smithy/core/schema';

/**
 * Writes values as XML by the SDK's schemas. How each structure is written is worked out once: the SDK's own serializer
 * walks schema and a tree of nodes for every answer, which showed in the profile of a small one.
 * https://smithy.io/2.0/spec/protocol-traits.html#xml-bindings
 */

/** Gives the elements of a value; nothing where it has none. */
type Write = (value: unknown) => string;
/** What stands in a structure's start tag, and in it. */
type WriteStructure = (value: Record<string, unknown>) => { attributes: string; content: string };

/** Members as the children of one element. */
export function elementWriter(
  root: string,
  members: readonly [string, NormalizedSchema][],
  namespace: string,
): Write {
  const declaration = namespace === '' ? '' : ` xmlns="${escapeText(namespace)}"`;
  return structureWriter(root, structureOf(members), declaration);
}

/** A structure that is a whole body. */
export function payloadWriter(schema: NormalizedSchema, namespace: string): Write {
  const name = (schema.getMergedTraits().xmlName as string | undefined) ?? schema.getName()!;
  return structureWriter(name, contentOf(schema), namespaceOf(schema) || ` xmlns="${escapeText(namespace)}"`);
}

/** What text has to be written otherwise as: the line ends too, which a parser would make one. */
const ESCAPED = /[&"'<>\r\n\u0085\u2028]/;
const ALL_ESCAPED = new RegExp(ESCAPED, 'g');
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
  '<': '&lt;',
  '>': '&gt;',
  '\r': '&#x0D;',
  '\n': '&#x0A;',
  '\u0085': '&#x85;',
  '\u2028': '&#x2028;',
};

export function escapeText(text: string): string {
  return ESCAPED.test(text) ? text.replaceAll(ALL_ESCAPED, (found) => ESCAPES[found]!) : text;
}

function structureWriter(name: string, write: WriteStructure, declaration: string): Write {
  return (value) => {
    const { attributes, content } = write(value as Record<string, unknown>);
    return element(name, attributes + declaration, content);
  };
}

function element(name: string, attributes: string, content: string): string {
  return content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;
}

const structures = new WeakMap<object, WriteStructure>();

/** Schemas may hold themselves: what is within is worked out when it is first written. */
function contentOf(schema: NormalizedSchema): WriteStructure {
  const shape = schema.getSchema() as object;
  let write = structures.get(shape);
  if (!write) {
    let made: WriteStructure | undefined;
    write = (value) => (made ??= structureOf([...schema.structIterator()]))(value);
    structures.set(shape, write);
  }
  return write;
}

function structureOf(members: readonly [string, NormalizedSchema][]): WriteStructure {
  const attributes: { member: string; name: string; write: Write }[] = [];
  const children: { member: string; write: Write }[] = [];
  for (const [member, schema] of members) {
    const traits = schema.getMergedTraits();
    const name = (traits.xmlName as string | undefined) ?? member;
    if (traits.xmlAttribute) attributes.push({ member, name, write: scalarWriter(schema) });
    else children.push({ member, write: memberWriter(name, schema) });
  }
  return (value) => {
    let text = '';
    for (const { member, name, write } of attributes)
      if (isThere(value[member])) text += ` ${name}="${write(value[member])}"`;
    let content = '';
    for (const { member, write } of children) if (isThere(value[member])) content += write(value[member]);
    return { attributes: text, content };
  };
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null;

function memberWriter(name: string, schema: NormalizedSchema): Write {
  const declaration = namespaceOf(schema);
  if (schema.isListSchema()) {
    const items = itemWriter(name, schema);
    if (schema.getMergedTraits().xmlFlattened) return items;
    return (value) => element(name, declaration, items(value));
  }
  if (schema.isMapSchema()) {
    const entries = entryWriter(name, schema);
    if (schema.getMergedTraits().xmlFlattened) return entries;
    return (value) => element(name, declaration, entries(value));
  }
  if (schema.isStructSchema()) return structureWriter(name, contentOf(schema), declaration);
  const write = scalarWriter(schema);
  return (value) => `<${name}${declaration}>${write(value)}</${name}>`;
}

function itemWriter(listName: string, schema: NormalizedSchema): Write {
  const item = schema.getValueSchema();
  const name = schema.getMergedTraits().xmlFlattened
    ? listName
    : ((item.getMergedTraits().xmlName as string | undefined) ?? 'member');
  const write = memberWriter(name, item);
  return (value) => {
    let text = '';
    for (const each of value as unknown[]) if (isThere(each)) text += write(each);
    return text;
  };
}

function entryWriter(mapName: string, schema: NormalizedSchema): Write {
  const entry = schema.getMergedTraits().xmlFlattened ? mapName : 'entry';
  const [key, item] = [schema.getKeySchema(), schema.getValueSchema()];
  const writeKey = memberWriter((key.getMergedTraits().xmlName as string | undefined) ?? 'key', key);
  const writeItem = memberWriter((item.getMergedTraits().xmlName as string | undefined) ?? 'value', item);
  return (value) => {
    let text = '';
    for (const [name, each] of Object.entries(value as object))
      if (isThere(each)) text += `<${entry}>${writeKey(name)}${writeItem(each)}</${entry}>`;
    return text;
  };
}

const HTTP_DATE = 6;
const EPOCH_SECONDS = 7;

function scalarWriter(schema: NormalizedSchema): Write {
  if (schema.isTimestampSchema()) {
    const format = schema.getMergedTraits().timestampFormat ?? schema.getSchema();
    return (value) => {
      const date = value as Date;
      if (format === HTTP_DATE) return date.toUTCString();
      if (format === EPOCH_SECONDS) return String(date.getTime() / 1000);
      return date.toISOString().replace('.000Z', 'Z');
    };
  }
  if (schema.isBlobSchema()) return (value) => Buffer.from(value as Uint8Array).toString('base64');
  return (value) => escapeText(typeof value === 'string' ? value : String(value));
}

/** As `xmlns:xsi` of an ACL's grantee. */
function namespaceOf(schema: NormalizedSchema): string {
  const namespace = schema.getMergedTraits().xmlNamespace as [prefix: string, uri: string] | undefined;
  if (!namespace) return '';
  const [prefix, uri] = namespace;
  return ` xmlns${prefix ? `:${prefix}` : ''}="${escapeText(uri)}"`;
}
