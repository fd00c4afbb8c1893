import { createRequire } from 'node:module';
import type { XmlNode as Node } from '@aws-sdk/xml-builder';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { StaticStructureSchema } from '@smithy/types';
import { AwsError } from './errors.ts';

// Loaded with the first XML body: object reads and writes travel in headers alone, and starting should not pay for it.
const require = createRequire(import.meta.url);
type Protocols = typeof import('@aws-sdk/core/protocols');
type Builder = typeof import('@aws-sdk/xml-builder');
const protocols = (): Protocols => require('@aws-sdk/core/protocols') as Protocols;
const builder = (): Builder => require('@aws-sdk/xml-builder') as Builder;

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const DATE_TIME = 5;

function settings(xmlNamespace: string) {
  return {
    timestampFormat: { useTrait: true, default: DATE_TIME as 5 },
    httpBindings: false,
    xmlNamespace,
    serviceNamespace: '',
  };
}

/** Writes members as the children of one element. */
export function writeXml(
  root: string,
  members: readonly [string, NormalizedSchema][],
  value: Record<string, unknown>,
  namespace: string,
): string {
  const schema = structure(root, members);
  const serializer = new (protocols().XmlShapeSerializer)(settings(namespace));
  serializer.write(schema, value);
  return serializer.flush() as string;
}

/** Writes a structure that is a whole body. */
export function writeXmlPayload(schema: NormalizedSchema, value: unknown, namespace: string): string {
  const serializer = new (protocols().XmlShapeSerializer)(settings(namespace));
  serializer.write(schema, value);
  return DECLARATION + (serializer.flush() as string);
}

/** Reads a body as a structure of the given members, whatever the root element is called. */
export function readXml(
  members: readonly [string, NormalizedSchema][],
  body: Uint8Array,
): Record<string, unknown> {
  return readXmlPayload(structure('Request', members), body) as Record<string, unknown>;
}

export function readXmlPayload(schema: NormalizedSchema | StaticStructureSchema, body: Uint8Array): unknown {
  const deserializer = new (protocols().XmlShapeDeserializer)(settings(''));
  try {
    return deserializer.read(schema, body);
  } catch (cause) {
    throw new AwsError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
      { status: 400, cause },
    );
  }
}

/** Elements by name; a value that is a tree of them nests. */
export interface XmlTree {
  [name: string]: string | XmlTree | undefined;
}

/** Writes an element that no schema describes: an error, or the envelope of a query answer. */
export function writeElement(root: string, tree: XmlTree, namespace?: string): string {
  const node = element(root, tree);
  if (namespace !== undefined) node.addAttribute('xmlns', namespace);
  return DECLARATION + node.toString();
}

function element(name: string, tree: XmlTree): Node {
  const { XmlNode } = builder();
  const node = new XmlNode(name);
  for (const [child, value] of Object.entries(tree)) {
    if (value === undefined) continue;
    node.addChildNode(typeof value === 'string' ? XmlNode.of(child, value) : element(child, value));
  }
  return node;
}

export function declared(xml: string): string {
  return DECLARATION + xml;
}

function structure(name: string, members: readonly [string, NormalizedSchema][]): StaticStructureSchema {
  return [
    3,
    '',
    name,
    0,
    members.map(([member]) => member),
    members.map(([, schema]) => [schema.getSchema() as never, schema.getMergedTraits()]),
  ];
}
