import type { NormalizedSchema } from '@smithy/core/schema';
import { membersOf } from './members.ts';

type Members = Record<string, unknown>;

/**
 * Finds where a value that came as JSON is not what its schema says; the SDK's deserializer takes whatever it finds.
 * Members that are null are taken out: to AWS they are not there.
 * @returns Path of the first value of a wrong type.
 */
export function findMisfit(schema: NormalizedSchema, value: unknown, path = ''): string | undefined {
  if (schema.isStructSchema()) {
    if (!isRecord(value)) return path || 'the body';
    for (const [member, its] of schema.structIterator()) {
      if (value[member] === null) delete value[member];
      if (value[member] === undefined) continue;
      const found = findMisfit(its, value[member], path === '' ? member : `${path}.${member}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (schema.isListSchema() || schema.isMapSchema()) {
    const fits = schema.isListSchema() ? Array.isArray(value) : isRecord(value);
    if (!fits) return path;
    for (const [name, item] of Object.entries(value as object)) {
      const found = findMisfit(schema.getValueSchema(), item, `${path}.${name}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return isScalar(schema, value) ? undefined : path;
}

function isScalar(schema: NormalizedSchema, value: unknown): boolean {
  if (schema.isTimestampSchema()) return value instanceof Date && !Number.isNaN(value.getTime());
  if (schema.isBlobSchema()) return value instanceof Uint8Array;
  if (schema.isBooleanSchema()) return typeof value === 'boolean';
  if (schema.isNumericSchema() || schema.isBigIntegerSchema())
    return typeof value === 'number' || typeof value === 'bigint';
  if (schema.isStringSchema()) return typeof value === 'string';
  return true;
}

/** Paths of the required members that a value lacks, in it and in what it holds. */
export function missingMembers(
  schema: NormalizedSchema,
  value: unknown,
  path: readonly string[] = [],
): string[][] {
  if (schema.isStructSchema()) {
    if (!isRecord(value)) return [];
    const missing: string[][] = [];
    for (const { member, schema: its, required } of membersOf(schema)) {
      const held = value[member];
      if (held === undefined) {
        if (required) missing.push([...path, member]);
      } else if (typeof held === 'object') missing.push(...missingMembers(its, held, [...path, member]));
    }
    return missing;
  }
  if (schema.isListSchema() && Array.isArray(value))
    return value.flatMap((item, index) =>
      missingMembers(schema.getValueSchema(), item, [...path, String(index + 1), 'member']),
    );
  return [];
}

function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
