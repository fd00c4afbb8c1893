import { covers, globOf } from '@crossbucket/policy';
import type { AccessSpec } from '../../spec/index.ts';

/** A call of S3 that a grant allows, or does not give. */
export interface Probe {
  operation: string;
  /** Key or prefix. */
  at: string;
  /** The SDK's input besides the bucket. */
  input: Record<string, unknown>;
  expected: 'allowed' | 'denied';
}

/** The start of the name of everything that verifying writes. */
export const PROBE_NAME = 'crossbucket-probe-';

/** A key that a pattern covers: its wildcards stand for a name that nobody else uses. */
export function keyFor(pattern: string, id: string): string {
  return pattern.replace('*', `${PROBE_NAME}${id}`).replaceAll('*', '').replaceAll('?', 'x');
}

/** Whether a pattern leaves room for a key that nobody has. */
export const isOpen = (pattern: string): boolean => pattern.includes('*');

const VERSION = { VersionId: 'probe' };
const TAGS = { Tagging: { TagSet: [{ Key: 'probe', Value: 'true' }] } };

/** What a grant promises, and the nearest of what it does not give. */
export function probesFor(access: AccessSpec, id: string): Probe[] {
  return [...promised(access, id), ...notGiven(access, id)];
}

export function promised(access: AccessSpec, id: string): Probe[] {
  const { read = [], write = [], delete: remove = [], list = [], tagging, versions, multipart } = access;
  const allow = (operation: string, at: string, input: Record<string, unknown> = { Key: at }): Probe => ({
    operation,
    at,
    input,
    expected: 'allowed',
  });
  return [
    ...list.flatMap((pattern) => {
      const prefix = pattern.split('*', 1)[0]!;
      const input = { Prefix: prefix };
      return [
        allow('ListObjectsV2', prefix, input),
        ...(versions ? [allow('ListObjectVersions', prefix, input)] : []),
      ];
    }),
    ...write.flatMap((pattern) => {
      const key = keyFor(pattern, id);
      return [
        allow('PutObject', key),
        ...(tagging
          ? [
              allow('PutObject', key, { Key: key, Tagging: 'probe=true' }),
              allow('PutObjectTagging', key, { Key: key, ...TAGS }),
              ...(versions ? [allow('PutObjectTagging', key, { Key: key, ...TAGS, ...VERSION })] : []),
            ]
          : []),
        ...(multipart
          ? [
              'CreateMultipartUpload',
              'UploadPart',
              'CompleteMultipartUpload',
              'ListParts',
              'AbortMultipartUpload',
            ].map((operation) => allow(operation, key, { Key: key, UploadId: 'probe', PartNumber: 1 }))
          : []),
      ];
    }),
    ...read.flatMap((pattern) => {
      const key = keyFor(pattern, id);
      return [
        allow('GetObject', key),
        ...(tagging ? [allow('GetObjectTagging', key)] : []),
        ...(versions ? [allow('GetObject', key, { Key: key, ...VERSION })] : []),
        ...(tagging && versions ? [allow('GetObjectTagging', key, { Key: key, ...VERSION })] : []),
      ];
    }),
    ...remove.flatMap((pattern) => {
      const key = keyFor(pattern, id);
      return [
        ...(tagging ? [allow('DeleteObjectTagging', key)] : []),
        ...(tagging && versions ? [allow('DeleteObjectTagging', key, { Key: key, ...VERSION })] : []),
        allow('DeleteObject', key),
        ...(versions ? [allow('DeleteObject', key, { Key: key, ...VERSION })] : []),
      ];
    }),
  ];
}

const LEVEL_CALLS = { read: 'GetObject', write: 'PutObject', delete: 'DeleteObject' } as const;
/** Actions by name may give what a level does not. */
const BY_NAME = {
  read: 's3:GetObject',
  write: 's3:PutObject',
  delete: 's3:DeleteObject',
  list: 's3:ListBucket',
} as const;

function notGiven(access: AccessSpec, id: string): Probe[] {
  const within =
    [...(access.read ?? []), ...(access.write ?? []), ...(access.delete ?? []), ...(access.list ?? [])][0] ??
    '*';
  const outside = `${PROBE_NAME}outside-${id}`;
  const probes: Probe[] = [];
  for (const level of ['read', 'write', 'delete'] as const) {
    if (access.actions?.includes(BY_NAME[level])) continue;
    const patterns = access[level] ?? [];
    const operation = LEVEL_CALLS[level];
    if (patterns.length === 0) probes.push(deny(operation, keyFor(within, id)));
    if (!isCovered(outside, patterns)) probes.push(deny(operation, outside));
  }
  if (!access.actions?.includes(BY_NAME.list)) {
    const prefix = `${outside}/`;
    if (!isCovered(prefix, access.list ?? [])) probes.push(deny('ListObjectsV2', prefix, { Prefix: prefix }));
  }
  return probes;
}

const deny = (operation: string, at: string, input: Record<string, unknown> = { Key: at }): Probe => ({
  operation,
  at,
  input,
  expected: 'denied',
});

const isCovered = (key: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => covers(globOf(pattern), globOf(key)));
