import { AccountError, type AccountReader } from '../accounts/index.ts';

/**
 * Fails where one of these facts could not be read.
 * @throws AccountError `aws-denied`, naming account, document and permission
 */
export function requireRead(reader: AccountReader, facts: readonly string[]): void {
  const { id, caller } = reader.connection;
  const missing = reader.snapshot().unknown?.find(({ what }) => facts.includes(what));
  if (missing === undefined) return;
  const { what, why, action } = missing;
  throw new AccountError(
    'aws-denied',
    `account ${id}, ${what}: ${why}`,
    `let \`${caller}\` do ${action ?? 'it'}, or use another profile; \`crossbucket permissions grant plan\` prints all that it takes`,
    { account: id, document: what, ...(action !== undefined && { call: action }) },
  );
}
