import type { BucketRecord } from '../../../store/records.ts';
import { AwsError } from '../../../wire/errors.ts';
import type { Call } from '../../service.ts';
import { invalidArgument, malformedXml } from '../errors.ts';

/** What a bucket has many of, each under an id of the client's choice. */
export type KindById = 'analytics' | 'intelligentTiering' | 'inventory' | 'metrics';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketMetricsConfiguration.html */
const MOST = 1000;
const PAGE = 100;

interface Identified {
  Id: string | undefined;
}

/** Sets one, after it was checked. */
export function putById<C extends Identified>(
  call: Call,
  kind: KindById,
  { Id: id }: Identified,
  configuration: C | undefined,
  check: (configuration: C) => void,
): void {
  if (!configuration || configuration.Id !== id) throw malformedXml();
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(id ?? ''))
    throw invalidArgument('id', id ?? '', 'The configuration id is not valid');
  check(configuration);
  const all = allOf<object>(call.survey.bucket!, kind);
  if (!Object.hasOwn(all, id!) && Object.keys(all).length >= MOST)
    throw new AwsError(
      'TooManyConfigurations',
      'You are attempting to create a new configuration but have already reached the 1,000-configuration limit.',
      { status: 400 },
    );
  setAll(call, kind, { ...all, [id!]: configuration });
}

export function getById<C extends Identified>(call: Call, kind: KindById, { Id: id }: Identified): C {
  const all = allOf<C>(call.survey.bucket!, kind);
  if (id !== undefined && Object.hasOwn(all, id)) return all[id]!;
  throw noSuchConfiguration();
}

export function deleteById(call: Call, kind: KindById, { Id: id }: Identified): void {
  const all = allOf<object>(call.survey.bucket!, kind);
  if (id === undefined || !Object.hasOwn(all, id)) throw noSuchConfiguration();
  const { [id]: _, ...others } = all;
  setAll(call, kind, others);
}

/** A page of them, in the order of their ids; a token is the last id of the page before, in base64. */
export function listById<C extends Identified>(
  call: Call,
  kind: KindById,
  { ContinuationToken: token }: { ContinuationToken?: string | undefined },
) {
  const after = token === undefined ? '' : Buffer.from(token, 'base64').toString();
  const all = Object.values(allOf<C>(call.survey.bucket!, kind))
    .filter(({ Id }) => Id! > after)
    .toSorted((a, b) => (a.Id! < b.Id! ? -1 : 1));
  const configurations = all.slice(0, PAGE);
  const isTruncated = all.length > PAGE;
  return {
    configurations,
    page: {
      IsTruncated: isTruncated,
      ...(token !== undefined && { ContinuationToken: token }),
      ...(isTruncated && {
        NextContinuationToken: Buffer.from(configurations.at(-1)!.Id!).toString('base64'),
      }),
    },
  };
}

function allOf<C>({ configurationsById }: BucketRecord, kind: KindById): Record<string, C> {
  return (configurationsById?.[kind] ?? {}) as Record<string, C>;
}

function setAll(call: Call, kind: KindById, all: Record<string, object>): void {
  const bucket = call.survey.bucket!;
  const configurationsById = { ...bucket.configurationsById, [kind]: all };
  call.store.buckets.set(bucket.name, { ...bucket, configurationsById });
}

const noSuchConfiguration = (): AwsError =>
  new AwsError('NoSuchConfiguration', 'The specified configuration does not exist.', { status: 404 });
