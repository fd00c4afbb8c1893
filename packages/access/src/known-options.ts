import { AccessError } from './errors.ts';

/** A misspelt `externalID` would otherwise be a denial that nobody can explain. Throws `invalid-option`. */
export function refuseUnknownOptions(options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new AccessError(
    'invalid-option',
    `there is no option \`${unknown}\``,
    `the options are ${known.join(', ')}`,
  );
}
