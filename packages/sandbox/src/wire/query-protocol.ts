import type { NormalizedSchema } from '@smithy/core/schema';
import { outputBindings } from './bindings.ts';
import { missingMembers } from './conform.ts';
import { AwsError } from './errors.ts';
import { membersOf } from './members.ts';
import { parseQuery, type WireResponse } from './message.ts';
import type { OperationModel } from './model.ts';
import { readScalar } from './scalars.ts';
import { declared, writeElement } from './xml.ts';
import { elementWriter } from './xml-writer.ts';

/** A form's fields as a tree: `Tags.member.1.Key=a` becomes `{Tags: {member: {1: {Key: 'a'}}}}`. */
interface Field {
  text?: string;
  children?: Map<string, Field>;
}

const MAX_DEPTH = 16;

export function parseForm(body: string): Map<string, string> {
  return new Map(parseQuery(body));
}

/** Reads the input of an operation of the query protocol from the fields of its form. */
export function readQueryInput(
  operation: OperationModel,
  form: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const root: Field = {};
  for (const [name, text] of form) {
    const path = name.includes('.') ? name.split('.', MAX_DEPTH) : [name];
    let field = root;
    for (const part of path) {
      field.children ??= new Map();
      let next = field.children.get(part);
      if (!next) field.children.set(part, (next = {}));
      field = next;
    }
    field.text = text;
  }
  if (!operation.input.isStructSchema()) return {};
  return readStructure(operation.input, root);
}

function readStructure(schema: NormalizedSchema, field: Field): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  if (!field.children) return value;
  for (const { member, name, schema: its } of membersOf(schema)) {
    const child = field.children.get(name);
    if (child) value[member] = readValue(its, child, name);
  }
  return value;
}

function readValue(schema: NormalizedSchema, field: Field, name: string): unknown {
  if (schema.isStructSchema()) return readStructure(schema, field);
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const traits = schema.getMergedTraits();
    const list = traits.xmlFlattened
      ? field
      : field.children?.get((item.getMergedTraits().xmlName as string) ?? 'member');
    if (!list) return [];
    return numbered(list).map((child) => readValue(item, child, name));
  }
  if (schema.isMapSchema()) {
    const entries = numbered(field.children?.get('entry') ?? {});
    return Object.fromEntries(
      entries.map((entry) => [
        entry.children?.get('key')?.text ?? '',
        readValue(schema.getValueSchema(), entry.children?.get('value') ?? {}, name),
      ]),
    );
  }
  return readScalar(schema, field.text ?? '', name);
}

function numbered(field: Field): Field[] {
  return [...(field.children ?? [])]
    .filter(([index]) => /^\d+$/.test(index))
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child);
}

/** AWS's answer to a member that must be there: one message for all that are missing. */
export function requireQueryMembers(operation: OperationModel, input: Record<string, unknown>): void {
  const missing = missingMembers(operation.input, input);
  if (missing.length === 0) return;
  const details = missing.map(
    (path) =>
      `Value null at '${path.map(lowerFirst).join('.')}' failed to satisfy constraint: Member must not be null`,
  );
  const count = `${missing.length} validation error${missing.length > 1 ? 's' : ''} detected`;
  throw new AwsError('ValidationError', `${count}: ${details.join('; ')}`);
}

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

const resultWriters = new WeakMap<OperationModel, (output: Record<string, unknown>) => string>();

export function writeQueryOutput(
  operation: OperationModel,
  output: Record<string, unknown>,
  namespace: string,
  requestId: string,
): WireResponse {
  let write = resultWriters.get(operation);
  if (!write) {
    const members = outputBindings(operation).body;
    // An output without members has its element all the same: botocore looks for it (UpdateRole).
    write = operation.output.isUnitSchema()
      ? () => ''
      : elementWriter(`${operation.name}Result`, members, '');
    resultWriters.set(operation, write);
  }
  const result = write(output);
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  const name = `${operation.name}Response`;
  const body = declared(`<${name} xmlns="${namespace}">${result}${metadata}</${name}>`);
  return { status: 200, headers: { 'content-type': 'text/xml' }, body };
}

export function writeQueryError(
  error: AwsError,
  status: number,
  namespace: string,
  requestId: string,
): WireResponse {
  const body = writeElement(
    'ErrorResponse',
    {
      Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: error.code, Message: error.message },
      RequestId: requestId,
    },
    namespace,
  );
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
