import { createRequire } from 'node:module';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef, StaticOperationSchema, StaticStructureSchema } from '@smithy/types';

// To import what is CommonJS, Node reads its text twice.
const { NormalizedSchema: Normalized } = createRequire(import.meta.url)(
  '@smithy/core/schema',
) as typeof import('@smithy/core/schema');

/** What scripts/generate-models.mjs writes: the SDK's static schemas, with references as `~Name`. */
export interface ModelData {
  namespace: string;
  shapes: Record<string, unknown[]>;
}

/** One operation of a service, as its client's schema describes it. */
export interface OperationModel {
  name: string;
  /** Of rest protocols: method, uri template, success status. */
  http?: { method: string; uri: string; status: number };
  input: NormalizedSchema;
  output: NormalizedSchema;
}

export interface ServiceModel {
  namespace: string;
  operations: ReadonlyMap<string, OperationModel>;
  /** By the code on the wire: the HTTP status of an error that the model declares. */
  errorStatus: ReadonlyMap<string, number>;
}

const OPERATION = 9;
const ERROR = -3;

/** Turns the generated data into the SDK's schemas again. */
export function loadModel(data: ModelData): ServiceModel {
  const shapes = new Map<string, unknown[]>();
  for (const [name, shape] of Object.entries(data.shapes))
    shapes.set(name, [shape[0], data.namespace, ...shape.slice(1)]);
  const resolve = (schema: unknown): unknown => {
    if (typeof schema === 'string' && schema.startsWith('~')) return () => shapes.get(schema.slice(1));
    if (Array.isArray(schema) && schema.length === 2) return [resolve(schema[0]), schema[1]];
    return schema;
  };
  const operations = new Map<string, OperationModel>();
  const errorStatus = new Map<string, number>();
  for (const [name, shape] of shapes) {
    const kind = shape[0] as number;
    for (let index = 4; index < shape.length; index++) {
      const part = shape[index];
      const members = index === 5 && (kind === 3 || kind === ERROR || kind === 4);
      shape[index] = members ? (part as unknown[]).map(resolve) : resolve(part);
    }
    if (kind === OPERATION)
      operations.set(name, describeOperation(shape as unknown as StaticOperationSchema));
    if (kind === ERROR) {
      const { code, status } = describeError(shape as unknown as StaticStructureSchema);
      errorStatus.set(code, status);
    }
  }
  return { namespace: data.namespace, operations, errorStatus };
}

function describeOperation(schema: StaticOperationSchema): OperationModel {
  const [, , name, traits, input, output] = schema;
  const http = typeof traits === 'object' ? traits.http : undefined;
  return {
    name,
    ...(http && { http: { method: http[0], uri: http[1], status: http[2] } }),
    // Most operations are never called: their schemas are normalised when they are.
    get input() {
      return Normalized.of(input as SchemaRef);
    },
    get output() {
      return Normalized.of(output as SchemaRef);
    },
  };
}

function describeError(schema: StaticStructureSchema): { code: string; status: number } {
  const traits = schema[3] as Record<string, unknown>;
  const query = traits['awsQueryError'] as [string, number] | undefined;
  if (query) return { code: query[0], status: query[1] };
  const status = (traits['httpError'] as number | undefined) ?? (traits['error'] === 'server' ? 500 : 400);
  return { code: schema[2], status };
}
