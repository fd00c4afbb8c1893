import type { CloudTrailRecord } from '../../trail/records/record.ts';

/** What an event is found by. */
export interface LookupResource {
  type: string;
  /** A bucket's name, and the ARN or name of others. */
  name: string;
  arn?: string;
}

/** Parameters that name what IAM's and CloudTrail's own calls, whose records have no `resources`, are about. */
const NAMED_BY: Readonly<Record<string, string>> = {
  userName: 'AWS::IAM::User',
  roleName: 'AWS::IAM::Role',
  groupName: 'AWS::IAM::Group',
  policyArn: 'AWS::IAM::Policy',
  policyName: 'AWS::IAM::Policy',
  instanceProfileName: 'AWS::IAM::InstanceProfile',
  accessKeyId: 'AWS::IAM::AccessKey',
  serialNumber: 'AWS::IAM::MfaDevice',
  openIDConnectProviderArn: 'AWS::IAM::OIDCProvider',
  trailName: 'AWS::CloudTrail::Trail',
};

/** The resources that LookupEvents shows of an event, and finds it by. */
export function lookupResources({
  resources = [],
  requestParameters,
  responseElements,
  eventSource,
}: CloudTrailRecord): LookupResource[] {
  const found: LookupResource[] = resources.flatMap(({ type, ARN }) =>
    ARN === undefined ? [] : [{ type, name: type === 'AWS::S3::Bucket' ? lastPart(ARN) : ARN, arn: ARN }],
  );
  const add = (type: string, name: unknown): void => {
    if (typeof name === 'string' && name !== '') found.push({ type, name });
  };
  if (eventSource === 'iam.amazonaws.com' || eventSource === 'cloudtrail.amazonaws.com')
    for (const [member, type] of Object.entries(NAMED_BY)) add(type, requestParameters?.[member]);
  if (eventSource === 'cloudtrail.amazonaws.com') {
    add('AWS::CloudTrail::Trail', requestParameters?.['name']);
    add('AWS::S3::Bucket', requestParameters?.['s3BucketName']);
  }
  add('AWS::IAM::AccessKey', memberOf(responseElements, 'credentials', 'accessKeyId'));
  add('AWS::IAM::AccessKey', memberOf(responseElements, 'accessKey', 'accessKeyId'));
  add('AWS::STS::AssumedRole', memberOf(responseElements, 'assumedRoleUser', 'arn'));
  add('AWS::STS::AssumedRole', memberOf(responseElements, 'assumedRoleUser', 'assumedRoleId'));
  return found;
}

function memberOf(value: Record<string, unknown> | null, ...path: string[]): unknown {
  let found: unknown = value;
  for (const name of path)
    found =
      typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[name] : undefined;
  return found;
}

function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
