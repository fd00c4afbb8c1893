import { profileNames } from '@crossbucket/access/configuration';
import { AccountReader, connect, type AccountConnection } from '../accounts/index.ts';
import { parseSpec } from '../spec/index.ts';
import { Questions, type GivenAnswers } from './ask.ts';
import { InitError } from './init-error.ts';
import { writeSpec, type InitAccount } from './write-spec.ts';

/**
 * The text of a `crossbucket.yaml` from flags and, on a terminal, from questions. Both accounts are connected to, so what it says of
 * them is so.
 * @throws InitError, AccountError, SpecError
 */
export async function composeSpec(given: GivenAnswers, canAsk: boolean): Promise<string> {
  const questions = canAsk ? await Questions.open() : undefined;
  const ask = async <T>(
    flag: string,
    value: T | undefined,
    question: (questions: Questions) => Promise<T>,
  ): Promise<T> => {
    if (value !== undefined) return value;
    if (questions === undefined)
      throw new InitError(
        'missing-answer',
        `\`${flag}\` is missing, and there is nobody to ask`,
        'give it, or run this on a terminal',
      );
    return question(questions);
  };
  const profiles = await profileNames();
  const sourceProfile = await ask('--source-profile', given.sourceProfile, (q) =>
    q.profile('Whose code wants access? Profile of the source account', profiles),
  );
  const source = await connect({ profile: sourceProfile });
  const destinationProfile = await ask('--destination-profile', given.destinationProfile, (q) =>
    q.profile('Who owns the bucket? Profile of the destination account', profiles),
  );
  const destination = await connect({ profile: destinationProfile });
  if (source.id === destination.id)
    throw new InitError(
      'one-account',
      `both profiles are of account ${source.id}: there is nothing to cross`,
      'name profiles of two accounts',
    );
  const reader = new AccountReader(destination);
  const bucket = await ask('--bucket', given.bucket, (q) => q.bucket(reader));
  await requireBucket(reader, bucket);
  const principals = await ask('--principal', given.principals, (q) => q.principals(source.id));
  const { read, write, delete: remove, list } = given;
  const levels = Object.fromEntries(
    Object.entries({ read, write, delete: remove, list }).filter(([, value]) => value !== undefined),
  );
  const access = await ask('--read', Object.keys(levels).length === 0 ? undefined : levels, (q) =>
    q.access(),
  );
  const route = given.route ?? (questions === undefined ? 'role' : await questions.route());
  const suggestion = `${bucket.replaceAll(/[^a-z0-9-]/g, '-').slice(0, 36)}-${access['write'] === undefined ? 'reader' : 'writer'}`;
  const name = given.name ?? (questions === undefined ? suggestion : await questions.name(suggestion));
  const [sourceName, destinationName] = namesFor(sourceProfile, destinationProfile);
  const text = writeSpec({
    source: accountOf(sourceName, source, sourceProfile),
    destination: accountOf(destinationName, destination, destinationProfile),
    bucket,
    principals,
    access,
    route,
    name,
  });
  parseSpec(text, 'crossbucket.yaml');
  return text;
}

async function requireBucket(reader: AccountReader, bucket: string): Promise<void> {
  const names = await reader.bucketNames();
  if (names === undefined || names.includes(bucket)) return;
  const { id } = reader.connection;
  throw new InitError(
    'no-such-bucket',
    `account ${id} has no bucket \`${bucket}\``,
    names.length === 0 ? 'it has no buckets at all' : `its buckets are ${names.slice(0, 20).join(', ')}`,
  );
}

const accountOf = (name: string, { id, region }: AccountConnection, profile: string): InitAccount => ({
  name,
  id,
  profile,
  region,
});

/** Profiles make good names, unless they are not names at all, as bare account ids are. */
function namesFor(source: string, destination: string): [string, string] {
  const isName = (text: string) => /^[A-Za-z][\w-]{0,63}$/.test(text);
  if (isName(source) && isName(destination) && source !== destination) return [source, destination];
  return ['source', 'destination'];
}
