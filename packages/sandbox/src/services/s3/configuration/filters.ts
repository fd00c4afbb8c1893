import type { Tag } from '@aws-sdk/client-s3';
import { malformedXml } from '../errors.ts';

interface Filter {
  Prefix?: string | undefined;
  Tag?: Tag | undefined;
  AccessPointArn?: string | undefined;
  And?:
    | { Prefix?: string | undefined; Tags?: Tag[] | undefined; AccessPointArn?: string | undefined }
    | undefined;
}

/** A filter has one thing to go by, or several under `And`. */
export function requireFilter(filter: Filter | undefined): void {
  if (!filter) return;
  if (Object.keys(filter).length !== 1) throw malformedXml();
  if (!filter.And) return;
  const { Tags = [], ...others } = filter.And;
  if (Tags.length + Object.keys(others).length < 2) throw malformedXml();
}

/** Refuses what is not one of some words. */
export function requireOneOf(value: string | undefined, words: readonly string[]): void {
  if (value === undefined || !words.includes(value)) throw malformedXml();
}
