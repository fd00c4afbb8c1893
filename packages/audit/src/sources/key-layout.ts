/** What the key of a trail's file says. */
export interface LogKey {
  account: string;
  region: string;
  /** `2026-08-01`: when it was delivered, which is some minutes after its calls. */
  date: string;
}

/** Which files are asked for. */
export interface Scope {
  /** Milliseconds since 1970, inclusive. */
  since?: number | undefined;
  /** Exclusive. */
  until?: number | undefined;
  /** Accounts whose trails are read. */
  accounts?: readonly string[] | undefined;
  regions?: readonly string[] | undefined;
}

const DAY = 86_400_000;
const LAYOUT = /(?:^|\/)(\d{12})\/CloudTrail\/([a-z0-9-]+)\/(\d{4})\/(\d{2})\/(\d{2})\/[^/]+$/;
/** Other files of a trail, which hold no records of calls. */
const OTHER = /\/CloudTrail-(Digest|Insight|Aggregated)\//;

/** Reads a key of AWS's layout; undefined for any other. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html */
export function parseLogKey(key: string): LogKey | undefined {
  const [, account, region, year, month, day] = LAYOUT.exec(key) ?? [];
  if (account === undefined || region === undefined) return undefined;
  return { account, region, date: `${year}-${month}-${day}` };
}

/** Whether a file may hold records that are asked for: keys that say nothing always may. */
export function isInScope(key: string, { since, until, accounts, regions }: Scope): boolean {
  if (OTHER.test(key)) return false;
  const parsed = parseLogKey(key);
  if (parsed === undefined) return true;
  if (accounts !== undefined && !accounts.includes(parsed.account)) return false;
  if (regions !== undefined && !regions.includes(parsed.region)) return false;
  const day = Date.parse(parsed.date);
  // What happens before midnight is delivered after it.
  return (since === undefined || day + DAY > since) && (until === undefined || day < until + DAY);
}
