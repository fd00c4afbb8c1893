import { createRequire } from 'node:module';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { StaticStructureSchema } from '@smithy/types';
import { AwsError } from './errors.ts';
import { escapeText } from './xml-writer.ts';

// Loaded with the first XML body: object reads and writes travel in headers alone, and starting should not pay for it.
const require = createRequire(import.meta.url);
type Protocols = typeof import('@aws-sdk/core/protocols');
const protocols = (): Protocols => require('@aws-sdk/core/protocols') as Protocols;

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

/** Reads a body as a structure of the given members, whatever the root element is called. */
export function readXml(
  members: readonly [string, NormalizedSchema][],
  body: Uint8Array,
): Record<string, unknown> {
  return readXmlPayload(structure('Request', members), body) as Record<string, unknown>;
}

export function readXmlPayload(schema: NormalizedSchema | StaticStructureSchema, body: Uint8Array): unknown {
  // No request has a document type, and what could be defined in one is nothing to expand.
  if (Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes('<!DOCTYPE')) throw malformedXml();
  const deserializer = new (protocols().XmlShapeDeserializer)(settings(''));
  try {
    return deserializer.read(schema, body);
  } catch (cause) {
    throw malformedXml(cause);
  }
}

export const malformedXml = (cause?: unknown): AwsError =>
  new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
    { status: 400, cause },
  );

/** Elements by name; a value that is a tree of them nests. */
export interface XmlTree {
  [name: string]: string | XmlTree | undefined;
}

/** Writes an element that no schema describes: an error, or the envelope of a query answer. */
export function writeElement(root: string, tree: XmlTree, namespace?: string): string {
  const attribute = namespace === undefined ? '' : ` xmlns="${escapeText(namespace)}"`;
  return declared(`<${root}${attribute}>${childrenOf(tree)}</${root}>`);
}

function childrenOf(tree: XmlTree): string {
  let text = '';
  for (const [name, value] of Object.entries(tree))
    if (value !== undefined)
      text += `<${name}>${typeof value === 'string' ? escapeText(value) : childrenOf(value)}</${name}>`;
  return text;
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
