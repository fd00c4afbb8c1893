/** `role/reports-reader of 222222222222` */
export function shortName(arn: string): string {
  const [, account, resource] = /^arn:[^:]+:(?:iam|sts)::(\d{12}):(.+)$/.exec(arn) ?? [];
  if (account === undefined) return `\`${arn}\``;
  return resource === 'root' ? `account ${account}` : `\`${resource}\` of ${account}`;
}

/** `s3://acme-reports/reports/q1.csv` */
export const shortResource = (resource: string): string =>
  `\`${resource.replace(/^arn:[^:]+:s3:::/, 's3://')}\``;
