import type { NormalizedSchema } from '@smithy/core/schema';
import { describe, expect, test } from 'vitest';
import { SERVICES } from '../../services/registry.ts';
import { recordFor } from './record.ts';
import type { TrailEntry } from '../trail.ts';

const SECRET = 'the-secret';

/** What the SDK's models call sensitive and CloudTrail shows all the same: who somebody is, and which key is meant. */
const SHOWN = new Set([
  'AccessKeyId',
  'SSEKMSKeyId',
  'SSEKMSEncryptionContext',
  'KMSMasterKeyID',
  'KMSKeyId',
  'KMSKeyArn',
  'KeyId',
  'PublicKey',
  'Email',
  'ManagementAccountEmail',
  'MasterAccountEmail',
  'AccountName',
  'Name',
  'SourceName',
  'Notes',
  'Id',
  'Value',
]);

/** Paths of the sensitive members of a structure, and of those within it. */
function sensitivePaths(schema: NormalizedSchema, path: string[] = [], within: unknown[] = []): string[][] {
  const shape = schema.getSchema();
  if (within.includes(shape)) return [];
  const next = [...within, shape];
  if (schema.isStructSchema())
    return [...schema.structIterator()].flatMap(([name, its]) => sensitivePaths(its, [...path, name], next));
  if (schema.isListSchema()) return sensitivePaths(schema.getValueSchema(), [...path, '0'], next);
  return schema.getMergedTraits().sensitive && !SHOWN.has(path.at(-1)!) ? [path] : [];
}

function valueAt([name, ...rest]: string[]): unknown {
  if (name === undefined) return SECRET;
  return name === '0' ? [valueAt(rest)] : { [name]: valueAt(rest) };
}

const entry: TrailEntry = {
  id: 'id',
  time: 0,
  requestId: 'request',
  service: 'iam',
  operation: 'Operation',
  region: 'us-east-1',
  kind: 'management',
  readOnly: false,
  caller: {
    kind: 'root',
    arn: 'arn:aws:iam::111111111111:root',
    account: '111111111111',
    userId: '111111111111',
  },
  sourceIp: '127.0.0.1',
  userAgent: '-',
  host: 'localhost',
  signatureForm: 'AuthHeader',
  input: {},
  resources: [],
  recipients: ['111111111111'],
  bytesIn: 0,
  bytesOut: 0,
};

describe.each(SERVICES)('the record of a call of $name', ({ name, load }) => {
  test('holds nothing that is secret, in what is asked or answered', async () => {
    const { model } = await load();
    const record = (members: Partial<TrailEntry>) =>
      JSON.stringify(recordFor({ ...entry, service: name, ...members }, '111111111111'));
    for (const operation of model.operations.values()) {
      for (const path of sensitivePaths(operation.input))
        expect(
          record({ model: operation, input: valueAt(path) as Record<string, unknown> }),
          `${operation.name} ${path.join('.')}`,
        ).not.toContain(SECRET);
      for (const path of sensitivePaths(operation.output))
        expect(
          record({ model: operation, output: valueAt(path) as Record<string, unknown> }),
          `${operation.name} ${path.join('.')}`,
        ).not.toContain(SECRET);
    }
    // What is no secret is there.
    expect(record({ input: { Anything: 'else' } })).toContain('"anything":"else"');
  });
});
