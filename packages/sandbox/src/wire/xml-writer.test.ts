import { XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { model as iam } from '../services/iam/model.data.ts';
import { model as s3 } from '../services/s3/model.data.ts';
import { model as s3control } from '../services/s3control/model.data.ts';
import { model as sts } from '../services/sts/model.data.ts';
import { outputBindings } from './bindings.ts';
import { loadModel } from './model.ts';
import { elementWriter, payloadWriter } from './xml-writer.ts';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const DATE_TIME = 5 as const;
const texts = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('"etag"', `<&'>`, 'a\r\nb', '\u0085\u2028', 'é😀', ''),
);
const dates = fc.integer({ min: 0, max: 4e12 }).map((time) => new Date(time));

function valueOf(schema: NormalizedSchema, depth: number): fc.Arbitrary<unknown> {
  // The SDK leaves the line ends of an attribute to the parser, which makes spaces of them.
  if (schema.getMergedTraits().xmlAttribute) return fc.constantFrom('CanonicalUser', '"<&>');
  if (schema.isTimestampSchema()) return dates;
  if (schema.isBlobSchema()) return fc.uint8Array({ maxLength: 5 });
  if (schema.isBooleanSchema()) return fc.boolean();
  if (schema.isNumericSchema() || schema.isBigIntegerSchema()) return fc.integer();
  if (depth === 0)
    return schema.isStructSchema() ? fc.constant({}) : schema.isListSchema() ? fc.constant([]) : texts;
  if (schema.isStructSchema()) return structureOf([...schema.structIterator()], depth - 1);
  if (schema.isListSchema()) return fc.array(valueOf(schema.getValueSchema(), depth - 1), { maxLength: 2 });
  if (schema.isMapSchema())
    return fc.dictionary(fc.string(), valueOf(schema.getValueSchema(), depth - 1), { maxKeys: 2 });
  return texts;
}

const structureOf = (members: [string, NormalizedSchema][], depth: number) =>
  fc.record(Object.fromEntries(members.map(([name, its]) => [name, valueOf(its, depth)])), {
    requiredKeys: [],
  });

function theirs(schema: unknown, value: unknown, xmlNamespace: string): string {
  const serializer = new XmlShapeSerializer({
    timestampFormat: { useTrait: true, default: DATE_TIME },
    httpBindings: false,
    xmlNamespace,
    serviceNamespace: '',
  });
  serializer.write(schema as never, value);
  return serializer.flush() as string;
}

test.each(Object.entries({ s3, s3control, sts, iam }))(
  '%s: every answer is written as the SDK would',
  (_, data) => {
    for (const operation of loadModel(data).operations.values()) {
      const { payload, body } = outputBindings(operation);
      const depth = 5;
      if (payload?.schema.isStructSchema()) {
        const own = payloadWriter(payload.schema, NAMESPACE);
        fc.assert(
          fc.property(valueOf(payload.schema, depth), (value) => {
            expect(own(value), operation.name).toBe(theirs(payload.schema, value, NAMESPACE));
          }),
          { numRuns: 10 },
        );
      }
      if (body.length === 0) continue;
      const own = elementWriter('Root', body, '');
      const schema = [
        3,
        '',
        'Root',
        0,
        body.map(([name]) => name),
        body.map(([, its]) => [its.getSchema(), its.getMergedTraits()]),
      ];
      fc.assert(
        fc.property(structureOf(body, depth), (value) => {
          expect(own(value), operation.name).toBe(theirs(schema, value, ''));
        }),
        { numRuns: 10 },
      );
    }
  },
);
