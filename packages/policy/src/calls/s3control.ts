import { callerAccount, partition, region } from './caller.ts';
import { members, requestTags, textAt, untaggedKeys } from './input.ts';
import { type CallTable, type KeySource, type Need, anything } from './need.ts';

/** An access point, by name or ARN; it belongs to the account that the input names. */
export const onAccessPoint: Need['on'] = (call) => {
  const name = textAt(call.input, 'Name') ?? '';
  if (name.startsWith('arn:')) return name.replace(':accesspoint:', ':accesspoint/');
  const account = textAt(call.input, 'AccountId') ?? callerAccount(call);
  return `arn:${partition(call)}:s3:${region(call)}:${account}:accesspoint/${name}`;
};

const network: KeySource = ({ input }) => ({
  's3:AccessPointNetworkOrigin': textAt(input, 'VpcConfiguration.VpcId') === undefined ? 'Internet' : 'VPC',
});

const ofAccessPoint: KeySource = (call) => {
  const arn = onAccessPoint(call);
  return { 's3:DataAccessPointArn': arn, 's3:DataAccessPointAccount': arn?.split(':')[4] };
};

const needs = (action: string, on: Need['on'], ...keys: KeySource[]): readonly Need[] => [
  { action: `s3:${action}`, on, keys },
];

const onResource: Need['on'] = ({ input }) => textAt(input, 'ResourceArn') ?? '*';

/** S3's control plane, whose actions are S3's; where it uses a name of S3's once more, the action tells them apart. */
export const S3CONTROL: CallTable = {
  GetPublicAccessBlock: needs('GetAccountPublicAccessBlock', anything),
  PutPublicAccessBlock: needs('PutAccountPublicAccessBlock', anything),
  DeletePublicAccessBlock: needs('PutAccountPublicAccessBlock', anything),
  CreateAccessPoint: needs('CreateAccessPoint', onAccessPoint, network, ofAccessPoint, requestTags()),
  DeleteAccessPoint: needs('DeleteAccessPoint', onAccessPoint, ofAccessPoint),
  GetAccessPoint: needs('GetAccessPoint', onAccessPoint, ofAccessPoint),
  ListAccessPoints: needs('ListAccessPoints', anything),
  GetAccessPointPolicy: needs('GetAccessPointPolicy', onAccessPoint, ofAccessPoint),
  PutAccessPointPolicy: needs('PutAccessPointPolicy', onAccessPoint, ofAccessPoint),
  DeleteAccessPointPolicy: needs('DeleteAccessPointPolicy', onAccessPoint, ofAccessPoint),
  GetAccessPointPolicyStatus: needs('GetAccessPointPolicyStatus', onAccessPoint, ofAccessPoint),
  TagResource: needs('TagResource', onResource, requestTags()),
  UntagResource: needs('UntagResource', onResource, untaggedKeys),
  ListTagsForResource: needs('ListTagsForResource', onResource),
  CreateJob: needs('CreateJob', anything, requestTags(), members({ 's3:RequestJobPriority': 'Priority' })),
};
