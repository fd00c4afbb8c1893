import { accessActions, authorizationsFor, LEVELS, type Level } from '@crossbucket/policy';
import type { AnswerRow } from '../engines/engine.ts';
import { apiCallOf } from '../replay/api-call.ts';

/** One permission that a call needed of the grant's bucket. */
export interface Need {
  /** `s3:GetObject` */
  action: string;
  /** Of the object, or the prefix that was listed. Undefined where no record tells it. */
  key: string | undefined;
  isOnObject: boolean;
}

/** Calls of an upload in parts. */
const MULTIPART = new Set([
  'AbortMultipartUpload',
  'CompleteMultipartUpload',
  'CreateMultipartUpload',
  'ListParts',
  'UploadPart',
  'UploadPartCopy',
]);

export const isMultipart = ({ action }: AnswerRow): boolean => MULTIPART.has(String(action));

/** What a call needed of a bucket, as the engine says of the API's calls. */
export function needsOf(bucket: string, row: AnswerRow): Need[] {
  // Its keys are in the body of the request, which is not recorded.
  if (row['action'] === 'DeleteObjects')
    return [{ action: 's3:DeleteObject', key: undefined, isOnObject: true }];
  return authorizationsFor(apiCallOf(row)).flatMap(({ action, resource, context }): Need[] => {
    const [, name = '', key] = /^arn:[^:]+:s3:::([^/]+)(?:\/(.*))?$/s.exec(resource) ?? [];
    if (name !== bucket) return [];
    const prefix = context?.['s3:prefix'];
    return [
      { action, key: key ?? (typeof prefix === 'string' ? prefix : ''), isOnObject: key !== undefined },
    ];
  });
}

const EVERYTHING = { tagging: true, versions: true, multipart: true } as const;

const LEVEL_OF_ACTION = new Map<string, Level>(
  LEVELS.flatMap((level) =>
    accessActions({ [level]: ['*'], ...EVERYTHING }).map((action): [string, Level] => [action, level]),
  ),
);

/** The part of a grant that an action belongs to; undefined for one that only `actions` give. */
export const levelOf = (action: string): Level | undefined => LEVEL_OF_ACTION.get(action);

/** What each modifier adds to a grant. */
export type Modifier = 'tagging' | 'versions' | 'multipart';
export const MODIFIERS: readonly Modifier[] = ['tagging', 'versions', 'multipart'];

const PLAIN = new Set(accessActions({ read: ['*'], write: ['*'], delete: ['*'], list: ['*'] }));

/** Whether an action is there because of a modifier. */
export function isOfModifier(action: string, modifier: Modifier): boolean {
  if (PLAIN.has(action) || !LEVEL_OF_ACTION.has(action)) return false;
  if (modifier === 'tagging') return action.endsWith('Tagging');
  return modifier === 'versions' ? action.includes('Version') : action.includes('Multipart');
}
