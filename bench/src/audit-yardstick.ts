import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** What people would write themselves: the same groups, without following sessions back or joining both sides' copies. */
const [kind = '', folder = ''] = process.argv.slice(2);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.gz'))
  .map((name) => join(folder, name));

interface LogRecord {
  eventName: string;
  eventTime: string;
  errorCode?: string;
  recipientAccountId: string;
  userIdentity: { accountId?: string; arn?: string };
  requestParameters: { bucketName?: string } | null;
  additionalEventData?: { bytesTransferredOut?: number };
}

if (kind === 'inflate') for (const file of files) gunzipSync(readFileSync(file));
else if (kind === 'parse') {
  const groups = new Map<string, { calls: number; bytes: number; last: string }>();
  for (const file of files) {
    const { Records } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as { Records: LogRecord[] };
    for (const { userIdentity, requestParameters, recipientAccountId, eventName, ...rest } of Records) {
      if (userIdentity.accountId === recipientAccountId) continue;
      const name = [userIdentity.accountId, userIdentity.arn, requestParameters?.bucketName, eventName].join(
        ' ',
      );
      const group = groups.get(name) ?? { calls: 0, bytes: 0, last: '' };
      group.calls++;
      group.bytes += rest.additionalEventData?.bytesTransferredOut ?? 0;
      if (rest.eventTime > group.last) group.last = rest.eventTime;
      groups.set(name, group);
    }
  }
} else {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
  const identity = 'STRUCT(arn VARCHAR, accountId VARCHAR)';
  await connection.runAndReadAll(`
    SELECT r.userIdentity.accountId, r.userIdentity.arn, r.requestParameters.bucketName, r.eventName, count(*),
      sum(r.additionalEventData.bytesTransferredOut), max(r.eventTime)
    FROM (SELECT unnest(Records) AS r FROM read_json('${folder}/**/*.json.gz', maximum_object_size = 200000000, ignore_errors = true,
      columns = {Records: 'STRUCT(eventName VARCHAR, eventTime VARCHAR, errorCode VARCHAR, recipientAccountId VARCHAR, userIdentity ${identity}, requestParameters STRUCT(bucketName VARCHAR), additionalEventData STRUCT(bytesTransferredOut DOUBLE))[]'}))
    WHERE r.userIdentity.accountId IS DISTINCT FROM r.recipientAccountId
    GROUP BY ALL`);
}
