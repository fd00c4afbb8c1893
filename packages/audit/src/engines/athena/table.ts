import { createHash } from 'node:crypto';
import { AuditError } from '../../audit-error.ts';

/** A trail's files as a table of Athena's. */
export interface AthenaTable {
  /** Of the Glue catalog. */
  database: string;
  /** Up to the accounts: `s3://acme-trail/AWSLogs/`, with the organization's id behind it where the trail is one's. */
  location: string;
  accounts: readonly string[];
  regions: readonly string[];
}

/** How a table is made, and its name: another definition is another table, so that none is ever in the way of another. */
export interface TableDefinition {
  name: string;
  /** With its database. */
  qualified: string;
  create: string;
}

/**
 * Partitions are projected: Athena works out where a day's files are, and nobody has to tell it of a new day.
 * https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html
 */
export function defineTable(table: AthenaTable): TableDefinition {
  requirePlain(table);
  const definition = definitionOf(table);
  const name = `crossbucket_audit_${createHash('sha256').update(definition).digest('hex').slice(0, 8)}`;
  const qualified = `${table.database}.${name}`;
  return { name, qualified, create: `CREATE EXTERNAL TABLE IF NOT EXISTS ${qualified} ${definition}` };
}

/** Names cannot be parameters: what is no plain name is refused. */
function requirePlain({ database, location, accounts, regions }: AthenaTable): void {
  for (const [value, pattern] of [
    [database, /^[a-z_][a-z0-9_]{0,254}$/],
    [location, /^s3:\/\/[a-z0-9][a-z0-9.-]+\/[\w./=-]*\/$/],
    ...accounts.map((account) => [account, /^\d{12}$/] as const),
    ...regions.map((region) => [region, /^[a-z]{2}(-[a-z]+)+-\d$/] as const),
  ] as const)
    if (!pattern.test(value))
      throw new AuditError(
        'invalid-filter',
        `\`${value}\` cannot be part of a table of Athena's`,
        'write it in plain letters and digits',
      );
}

/** Before it there is no CloudTrail: a query says which days it reads. */
const FIRST_DAY = '2013/11/01';

function definitionOf({ location, accounts, regions }: AthenaTable): string {
  return `(
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
  'projection.day.interval' = '1', 'projection.day.interval.unit' = 'DAYS', 'projection.day.range' = '${FIRST_DAY},NOW',
  'storage.location.template' = '${location}\${account}/CloudTrail/\${trail_region}/\${day}')`;
}
