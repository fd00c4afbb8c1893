import type { DuckDBConnection } from '@duckdb/node-api';
import { connectTo, plain, rowsOf } from '../engines/duckdb.ts';
import type { AnswerRow } from '../engines/engine.ts';
import { EVENTS_WITHOUT_COPIES, FURTHER_COPIES } from '../engines/events.ts';
import type { LoadedRecords } from '../load-records.ts';
import type { Filters } from '../questions/filters.ts';
import { watchQuestion } from '../questions/watch-question.ts';
import { RecentSet } from './recent-set.ts';

/** Calls that are told from those that were met before: so many of buckets, and so many of roles. */
const MOST_CALLS = 200_000;
/** Records of sessions that are kept, the latest of them. */
const MOST_SESSIONS = 100_000;
/** Calls that wait for their session's record. */
const MOST_HELD = 10_000;
/** The longest that credentials of STS are good for. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
const LONGEST_SESSION = '36 hours';

/**
 * The records that are on their way: those just read, beside the sessions of the latest hours and the calls whose session is
 * not known yet. All else is forgotten once it was looked at.
 */
export class WatchWindow {
  readonly #connection: DuckDBConnection;
  readonly #close: () => Promise<void>;
  readonly #seen: { buckets: RecentSet; roles: RecentSet };
  /** By call: until when it waits, in milliseconds since 1970. */
  #held = new Map<string, number>();

  private constructor(connection: DuckDBConnection, close: () => Promise<void>, most: number) {
    this.#connection = connection;
    this.#close = close;
    // Records of sessions stay longer than those of what they did, which must not crowd them out.
    this.#seen = { buckets: new RecentSet(most), roles: new RecentSet(most) };
  }

  /** @param folders Where parts are. */
  static async open(folders: readonly string[], most = MOST_CALLS): Promise<WatchWindow> {
    const { connection, close } = await connectTo(folders, async (connection) => {
      await connection.run(`CREATE TABLE kept AS ${rowsOf([])}`);
      await connection.run('CREATE TABLE held (call VARCHAR)');
    });
    return new WatchWindow(connection, close, most);
  }

  /** Takes note of sessions and calls of records, without telling of them. */
  async learn({ files, only }: Pick<LoadedRecords, 'files' | 'only'>): Promise<void> {
    await this.#look(files, only);
    for (const [seen, services] of [
      [this.#seen.buckets, "'s3.amazonaws.com', 's3express.amazonaws.com'"],
      [this.#seen.roles, "'sts.amazonaws.com'"],
    ] as const) {
      const result = await this.#connection.stream(
        `SELECT call FROM (SELECT ${CALL} AS call, event_time FROM raw WHERE event_source IN (${services})
          ORDER BY event_time DESC LIMIT ${MOST_CALLS}) ORDER BY event_time`,
      );
      for await (const rows of result.yieldRowsJs()) for (const [call] of rows) seen.add(String(call));
    }
    await this.#forget();
  }

  /**
   * Calls from outside among new records that were not told of before, in their order. One of a session whose beginning
   * nobody knows waits until its record comes, or its time is over.
   *
   * @param until When to stop waiting, in milliseconds since 1970; `now` and before it do not wait.
   */
  async *take(
    { files, only }: Pick<LoadedRecords, 'files' | 'only'>,
    filters: Filters,
    { now, until }: { now: number; until: number },
  ): AsyncGenerator<AnswerRow> {
    await this.#look(files, only);
    const waiting = this.#held;
    this.#held = new Map();
    // Whose a call is may only be known later.
    const { sql, parameters } = watchQuestion({ ...filters, account: undefined, principal: undefined });
    const result = await this.#connection.stream(sql, [...parameters]);
    for await (const rows of result.yieldRowObjectJs())
      for (const row of rows) {
        const name = nameOf(row);
        const seen = row['bucket'] === null ? this.#seen.roles : this.#seen.buckets;
        const end = waiting.get(name) ?? until;
        if (isToBeHeld(row) && end > now && this.#held.size < MOST_HELD) this.#held.set(name, end);
        else if (isAsked(row, filters) && seen.add(name)) yield toRow(row);
      }
    await this.#forget();
  }

  /** Until when the first of the waiting calls waits, in milliseconds since 1970. */
  get waitsUntil(): number {
    return Math.min(...this.#held.values());
  }

  close(): Promise<void> {
    return this.#close();
  }

  async #look(files: readonly string[], only: readonly string[] | undefined): Promise<void> {
    const connection = this.#connection;
    await connection.run('CREATE OR REPLACE TEMP TABLE asked (file VARCHAR)');
    const appender = await connection.createAppender('asked');
    for (const file of only ?? []) {
      appender.appendVarchar(file);
      appender.endRow();
    }
    appender.closeSync();
    const scope = only === undefined ? '' : ' WHERE source_file IN (SELECT file FROM asked)';
    await connection.run(
      `CREATE OR REPLACE VIEW raw AS SELECT * FROM kept UNION ALL BY NAME SELECT * FROM (${rowsOf(files)})${scope}`,
    );
    await connection.run(`CREATE OR REPLACE TEMP TABLE copies AS ${FURTHER_COPIES}`);
    await connection.run(`CREATE OR REPLACE VIEW events AS ${EVENTS_WITHOUT_COPIES}`);
  }

  /** Keeps what later calls may need. */
  async #forget(): Promise<void> {
    const connection = this.#connection;
    await connection.run('DELETE FROM held');
    const appender = await connection.createAppender('held');
    for (const call of this.#held.keys()) {
      appender.appendVarchar(call);
      appender.endRow();
    }
    appender.closeSync();
    await connection.run(`CREATE OR REPLACE TABLE next AS
      SELECT * FROM raw ANTI JOIN copies USING (row_id) WHERE ${CALL} IN (SELECT call FROM held)
      UNION ALL
      SELECT * FROM (
        SELECT * FROM raw ANTI JOIN copies USING (row_id)
        WHERE issued_key IS NOT NULL AND event_source = 'sts.amazonaws.com'
          AND event_time > (SELECT max(event_time) FROM raw) - INTERVAL '${LONGEST_SESSION}'
        ORDER BY event_time DESC LIMIT ${MOST_SESSIONS}
      )`);
    await connection.run('CREATE OR REPLACE TABLE kept AS SELECT * FROM next');
    await connection.run('DROP TABLE next');
  }
}

const isToBeHeld = ({ incomplete, call_id: id }: Record<string, unknown>): boolean =>
  incomplete === 1 && typeof id === 'string';

function isAsked(row: Record<string, unknown>, { account, principal }: Filters): boolean {
  if (account === undefined ? row['route'] === 'service' : row['source_account'] !== account) return false;
  return principal === undefined || String(row['principal'] ?? '').includes(principal);
}

/** What stands for a call where its record has no id. */
const CALL = `coalesce(shared_id, event_id, concat_ws(' ', event_time, event_name, caller_id, source_ip, bucket, object_key))`;

function nameOf(row: Record<string, unknown>): string {
  const { call_id: id } = row;
  return typeof id === 'string' ? id : JSON.stringify(Object.values(toRow(row)));
}

const toRow = (row: Record<string, unknown>): AnswerRow =>
  Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => (name === 'incomplete' ? [] : [[name, plain(value)]])),
  );
