import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from './errors.ts';

/** Reads a header's, query parameter's or form field's text as its schema's type. */
export function readScalar(schema: NormalizedSchema, text: string, name: string): unknown {
  if (schema.isBooleanSchema()) return text.toLowerCase() === 'true';
  if (schema.isNumericSchema() || schema.isBigIntegerSchema()) {
    const number = Number(text);
    if (text.trim() === '' || !Number.isFinite(number)) throw notInteger(name, text);
    return number;
  }
  if (schema.isTimestampSchema()) {
    const date = new Date(/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : text);
    if (!Number.isNaN(date.getTime())) return date;
    if (MAY_BE_NO_DATE.has(name)) return undefined;
    throw invalid(name, text, 'is not a date');
  }
  if (schema.isBlobSchema()) return Buffer.from(text, 'base64');
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    return text.split(',').map((part) => readScalar(item, part.trim(), name));
  }
  return text;
}

/** Of HTTP's own dates one that is none does not count, and what is kept of them is their text. */
const MAY_BE_NO_DATE = new Set([
  'if-modified-since',
  'if-unmodified-since',
  'x-amz-copy-source-if-modified-since',
  'x-amz-copy-source-if-unmodified-since',
  'expires',
  'response-expires',
]);

/** Writes a value as a header: dates in HTTP's form unless the schema says otherwise. */
export function writeHeader(schema: NormalizedSchema, value: unknown): string {
  if (value instanceof Date) {
    const DATE_TIME = 5;
    const format = schema.getMergedTraits().timestampFormat ?? schema.getSchema();
    return format === DATE_TIME ? value.toISOString() : httpDate(value);
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map((item) => writeHeader(schema.getValueSchema(), item)).join(',');
  return String(value);
}

/** The last date that was written: an object that is read is read again. */
let latest = { time: Number.NaN, text: '' };

function httpDate(date: Date): string {
  const time = date.getTime();
  if (time !== latest.time) latest = { time, text: date.toUTCString() };
  return latest.text;
}

function notInteger(name: string, text: string): AwsError {
  return new AwsError('InvalidArgument', `Provided ${name} not an integer or within integer range`, {
    fields: { ArgumentName: name, ArgumentValue: text },
  });
}

function invalid(name: string, text: string, problem: string): AwsError {
  return new AwsError('InvalidArgument', `${name} ${problem}.`, {
    fields: { ArgumentName: name, ArgumentValue: text },
  });
}
