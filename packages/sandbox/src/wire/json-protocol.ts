import { createRequire } from 'node:module';
import { findMisfit, missingMembers } from './conform.ts';
import { AwsError } from './errors.ts';
import type { WireResponse } from './message.ts';
import type { OperationModel } from './model.ts';

const require = createRequire(import.meta.url);
type Protocols = typeof import('@aws-sdk/core/protocols');
const protocols = (): Protocols => require('@aws-sdk/core/protocols') as Protocols;

const EPOCH_SECONDS = 7;
const settings = { jsonName: false, timestampFormat: { useTrait: true, default: EPOCH_SECONDS as 7 } };

export async function readJsonInput(
  operation: OperationModel,
  body: Uint8Array,
): Promise<Record<string, unknown>> {
  if (body.byteLength === 0 || !operation.input.isStructSchema()) return {};
  const input = await deserialize(operation, body);
  const misfit = findMisfit(operation.input, input);
  if (misfit === undefined) return input as Record<string, unknown>;
  throw new AwsError('SerializationException', `The type of \`${misfit}\` is not what this operation takes.`);
}

async function deserialize(operation: OperationModel, body: Uint8Array): Promise<unknown> {
  try {
    const deserializer = new (protocols().JsonShapeDeserializer)(settings);
    return await deserializer.read(operation.input, body);
  } catch (cause) {
    throw new AwsError(
      'SerializationException',
      'The request body is not the JSON that this operation takes.',
      { cause },
    );
  }
}

export function requireJsonMembers(operation: OperationModel, input: Record<string, unknown>): void {
  const [missing] = missingMembers(operation.input, input);
  if (missing === undefined) return;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value null at '${missing.join('.')}' failed to satisfy constraint: Member must not be null`,
  );
}

export function writeJsonOutput(operation: OperationModel, output: Record<string, unknown>): WireResponse {
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  if (!operation.output.isStructSchema()) return { status: 200, headers, body: '{}' };
  const serializer = new (protocols().JsonShapeSerializer)(settings);
  serializer.write(operation.output, output);
  return { status: 200, headers, body: serializer.flush() as string };
}

export function writeJsonError(error: AwsError, status: number): WireResponse {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': error.code },
    body: JSON.stringify({ __type: error.code, message: error.message }),
  };
}
