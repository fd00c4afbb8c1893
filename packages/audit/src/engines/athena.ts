import { AuditError } from '../audit-error.ts';
import { COLUMNS, EVENTS_OF_RAW } from './events.ts';

/** A trail's files as a table of Athena's. */
export interface AthenaTable {
  table: string;
  /** Up to the accounts: `s3://acme-trail/AWSLogs/`, with the organization's id behind it where the trail is one's. */
  location: string;
  accounts: readonly string[];
  regions: readonly string[];
  /** First day: `2026/01/01`. */
  since: string;
}

/**
 * Partitions are projected: Athena works out where a day's files are, and nobody has to tell it of a new day.
 * https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html
 */
export function athenaTable({ table, location, accounts, regions, since }: AthenaTable): string {
  for (const [value, pattern] of [
    [table, /^[a-z_][a-z0-9_]*$/],
    [location, /^s3:\/\/[a-z0-9.-]+\/[\w./=-]*\/$/],
    [since, /^\d{4}\/\d{2}\/\d{2}$/],
    ...accounts.map((account) => [account, /^\d{12}$/] as const),
    ...regions.map((region) => [region, /^[a-z0-9-]+$/] as const),
  ] as const)
    if (!pattern.test(value))
      throw new AuditError(
        'invalid-filter',
        `\`${value}\` cannot be part of a table of Athena's`,
        'write it in plain letters and digits',
      );
  return `CREATE EXTERNAL TABLE ${table} (
  eventversion string, eventtime string, eventsource string, eventname string, awsregion string, sourceipaddress string,
  useragent string, errorcode string, errormessage string, requestparameters string, responseelements string,
  additionaleventdata string, requestid string, eventid string, readonly string, eventtype string, managementevent string,
  recipientaccountid string, sharedeventid string, vpcendpointid string, eventcategory string,
  useridentity struct<type:string, principalid:string, arn:string, accountid:string, invokedby:string, accesskeyid:string,
    username:string, identityprovider:string,
    sessioncontext:struct<attributes:struct<mfaauthenticated:string, creationdate:string>,
      sessionissuer:struct<type:string, principalid:string, arn:string, accountid:string, username:string>,
      sourceidentity:string>>,
  resources array<struct<arn:string, accountid:string, type:string>>)
PARTITIONED BY (account string, trail_region string, day string)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION '${location}'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.account.type' = 'enum', 'projection.account.values' = '${accounts.join(',')}',
  'projection.trail_region.type' = 'enum', 'projection.trail_region.values' = '${regions.join(',')}',
  'projection.day.type' = 'date', 'projection.day.format' = 'yyyy/MM/dd',
  'projection.day.interval' = '1', 'projection.day.interval.unit' = 'DAYS', 'projection.day.range' = '${since},NOW',
  'storage.location.template' = '${location}\${account}/CloudTrail/\${trail_region}/\${day}')`;
}

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

/** The table `events` over such a table: the same columns as on this machine. */
export function athenaEvents(table: string): string {
  const columns = COLUMNS.map(({ name }) => `${RAW[name]!} AS ${name}`).join(',\n    ');
  return `WITH raw AS (
  SELECT ${columns}
  FROM ${table}
)${EVENTS_OF_RAW}`;
}

/** A question as Athena runs it, over a table of the raw records. */
export function athenaQuestion(sql: string, table: string): string {
  const columns = COLUMNS.map(({ name }) => `${RAW[name]!} AS ${name}`).join(',\n    ');
  const events = `raw AS (\n  SELECT ${columns}\n  FROM ${table}\n),\nevents AS (${EVENTS_OF_RAW}\n)`;
  return sql.startsWith('WITH') ? sql.replace(/^WITH/, () => `WITH ${events},`) : `WITH ${events}\n${sql}`;
}
