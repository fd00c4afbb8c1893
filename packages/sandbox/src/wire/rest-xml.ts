import { Readable } from 'node:stream';
import { inputBindings, outputBindings, type Bindings } from './bindings.ts';
import { missingMembers } from './conform.ts';
import { AwsError } from './errors.ts';
import type { RequestHead, WireResponse } from './message.ts';
import type { OperationModel } from './model.ts';
import { readScalar, writeHeader } from './scalars.ts';
import { declared, malformedXml, readXml, readXmlPayload } from './xml.ts';
import { elementWriter, escapeText, payloadWriter } from './xml-writer.ts';

type Members = Record<string, unknown>;

/** Reads everything of an operation's input that is not in the body. */
export function readRestInput(operation: OperationModel, head: RequestHead, labels: Members): Members {
  const bindings = inputBindings(operation);
  const input: Members = {};
  for (const label of bindings.labels) if (labels[label] !== undefined) input[label] = labels[label];
  const { headersByName, prefixHeaders } = bindings;
  for (const name in head.headers) {
    const value = head.headers[name];
    const bound = headersByName.get(name);
    if (bound && typeof value === 'string' && value !== '')
      input[bound.member] = readScalar(bound.schema, value, name);
  }
  if (bindings.query.length > 0 && head.query.length > 0) {
    for (const { member, name, schema } of bindings.query) {
      const found = head.query.find(([key]) => key === name);
      if (found) input[member] = readScalar(schema, found[1], name);
    }
  }
  for (const { member, prefix } of prefixHeaders) {
    const entries = Object.entries(head.headers).filter(([name]) => name.startsWith(prefix));
    if (entries.length === 0) continue;
    input[member] = Object.fromEntries(
      entries.map(([name, value]) => [name.slice(prefix.length), String(value)]),
    );
  }
  return input;
}

/** What an operation does with its body. */
export function bodyKind(operation: OperationModel): 'none' | 'stream' | 'document' {
  const { payload, body } = inputBindings(operation);
  if (payload) return payload.schema.isStreaming() || payload.schema.isBlobSchema() ? 'stream' : 'document';
  return body.length > 0 ? 'document' : 'none';
}

/** Adds to an input what its body says. */
export function readRestBody(operation: OperationModel, input: Members, body: Uint8Array): void {
  const { payload, body: members } = inputBindings(operation);
  if (body.byteLength === 0) return;
  if (payload?.schema.isStringSchema()) input[payload.member] = Buffer.from(body).toString('utf8');
  else if (payload) input[payload.member] = readDocument(payload, body);
  else Object.assign(input, readXml(members, body));
}

/** ACLs have an error of their own for what does not fit their schema. */
const OTHERWISE_CHECKED: ReadonlySet<string> = new Set(['AccessControlPolicy']);

function readDocument({ member, schema }: NonNullable<Bindings['payload']>, body: Uint8Array): unknown {
  const value = readXmlPayload(schema, body);
  if (!OTHERWISE_CHECKED.has(member) && (missingMembers(schema, value).length > 0 || hasNaN(value)))
    throw malformedXml();
  return value;
}

/** What the SDK makes of a number that is none. */
function hasNaN(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Number.isNaN(value);
  return Object.values(value).some(hasNaN);
}

export function requireRestMembers(operation: OperationModel, input: Members): void {
  const { required, payload } = inputBindings(operation);
  for (const member of required) {
    if (input[member] !== undefined) continue;
    if (member === payload?.member) throw new AwsError('MissingRequestBodyError', 'Request Body is empty');
    throw new AwsError('InvalidRequest', `Missing required parameter for this request: '${member}'`);
  }
}

/** Turns a handler's output into status, headers and body. */
export function writeRestOutput(operation: OperationModel, output: Members, namespace: string): WireResponse {
  const bindings = outputBindings(operation);
  const headers: Record<string, string> = {};
  for (const member in output) {
    const bound = bindings.headersByMember.get(member);
    const value = bound && output[member];
    if (value !== undefined && value !== null) headers[bound!.name] = writeHeader(bound!.schema, value);
  }
  for (const { member, prefix } of bindings.prefixHeaders) {
    for (const [name, value] of Object.entries((output[member] ?? {}) as Record<string, string>))
      headers[prefix + name] = value;
  }
  const status = (output['$status'] as number | undefined) ?? operation.http?.status ?? 200;
  const body = writeBody(operation, output, namespace);
  if (typeof body === 'string' && !headers['content-type'])
    headers['content-type'] = bindings.payload?.schema.isStringSchema()
      ? 'application/json'
      : 'application/xml';
  return { status, headers, ...(body !== undefined && { body }) };
}

function writeBody(operation: OperationModel, output: Members, namespace: string): WireResponse['body'] {
  const { payload, body: members } = outputBindings(operation);
  if (payload) {
    const value = output[payload.member];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string' || value instanceof Uint8Array || value instanceof Readable) return value;
    return declared(documentWriter(operation, namespace)(value));
  }
  return members.length === 0 ? undefined : declared(documentWriter(operation, namespace)(output));
}

const writers = new WeakMap<OperationModel, (value: unknown) => string>();

/** How an operation's answer is written. */
function documentWriter(operation: OperationModel, namespace: string): (value: unknown) => string {
  let write = writers.get(operation);
  if (!write) writers.set(operation, (write = makeWriter(operation, namespace)));
  return write;
}

function makeWriter(operation: OperationModel, namespace: string): (value: unknown) => string {
  const { payload, body: members } = outputBindings(operation);
  if (payload) return payloadWriter(payload.schema, namespace);
  const root =
    (operation.output.getMergedTraits().xmlName as string | undefined) ?? operation.output.getName()!;
  const only = members.length === 1 ? members[0] : undefined;
  // GetBucketLocation answers with its member's text alone: Smithy's s3UnwrappedXmlOutput.
  if (only && only[0] === root && only[1].isStringSchema())
    return (output) =>
      `<${root} xmlns="${namespace}">${escapeText(String((output as Members)[root] ?? ''))}</${root}>`;
  return elementWriter(root, members, namespace);
}
