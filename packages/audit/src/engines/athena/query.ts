import type { Scope } from '../../sources/key-layout.ts';
import { COLUMNS, EVENTS_OF_RAW } from '../events.ts';

const json = (column: string, path: string): string => `json_extract_scalar(${column}, '$.${path}')`;

/** How Athena gets each raw column of a record. */
const RAW: Readonly<Record<string, string>> = {
  event_id: 'eventid',
  event_source: 'eventsource',
  event_name: 'eventname',
  event_type: 'eventtype',
  category: 'eventcategory',
  management: 'managementevent',
  read_only: 'readonly',
  region: 'awsregion',
  recipient_account: 'recipientaccountid',
  caller_type: 'useridentity.type',
  caller_id: 'useridentity.principalid',
  caller_arn: 'useridentity.arn',
  caller_account: 'useridentity.accountid',
  access_key_id: 'useridentity.accesskeyid',
  caller_name: 'useridentity.username',
  invoked_by: 'useridentity.invokedby',
  identity_provider: 'useridentity.identityprovider',
  issuer_arn: 'useridentity.sessioncontext.sessionissuer.arn',
  mfa: 'useridentity.sessioncontext.attributes.mfaauthenticated',
  source_identity: 'useridentity.sessioncontext.sourceidentity',
  source_ip: 'sourceipaddress',
  user_agent: 'useragent',
  vpc_endpoint_id: 'vpcendpointid',
  error_code: 'errorcode',
  error_message: 'errormessage',
  issued_key: `coalesce(${json('responseelements', 'credentials.accessKeyId')}, ${json('responseelements', 'accessKey.accessKeyId')})`,
  bucket: json('requestparameters', 'bucketName'),
  object_key: json('requestparameters', 'key'),
  list_prefix: json('requestparameters', 'prefix'),
  target_role: json('requestparameters', 'roleArn'),
  target_session: json('requestparameters', 'roleSessionName'),
  source_file: '"$path"',
  shared_id: 'sharedeventid',
  owner_account: `coalesce(
    element_at(filter(resources, resource -> resource.type = 'AWS::S3::Bucket'), 1).accountid,
    element_at(filter(resources, resource -> resource.accountid IS NOT NULL), 1).accountid)`,
  resource_arn: `element_at(filter(resources, resource -> resource.type <> 'AWS::S3::Object'), 1).arn`,
  request: 'requestparameters',
  event_time: 'CAST(from_iso8601_timestamp(eventtime) AS timestamp)',
  bytes_in: `CAST(CAST(${json('additionaleventdata', 'bytesTransferredIn')} AS double) AS bigint)`,
  bytes_out: `CAST(CAST(${json('additionaleventdata', 'bytesTransferredOut')} AS double) AS bigint)`,
};

const DAY = 86_400_000;

/** A question over `events` as Athena runs it, over a table of the raw records; only these days' files are read. */
export function athenaQuestion(sql: string, table: string, { since, until }: Scope = {}): string {
  const columns = COLUMNS.map(({ name }) => `${RAW[name]!} AS ${name}`).join(',\n    ');
  const days = [
    ...(since === undefined ? [] : [`day >= '${dayOf(since)}'`]),
    // What happens before midnight is delivered after it.
    ...(until === undefined ? [] : [`day <= '${dayOf(until + DAY)}'`]),
  ];
  const where = days.length === 0 ? '' : `\n  WHERE ${days.join(' AND ')}`;
  const events = `raw AS (\n  SELECT ${columns}\n  FROM ${table}${where}\n),\nevents AS (${EVENTS_OF_RAW}\n)`;
  const rest = /^\s*WITH\s/i.exec(sql);
  return rest === null ? `WITH ${events}\n${sql}` : `WITH ${events},\n${sql.slice(rest[0].length)}`;
}

/** As a trail's keys have it: `2026/08/01`. */
const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10).replaceAll('-', '/');
