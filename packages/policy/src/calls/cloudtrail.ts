import type { ApiCall } from '../snapshot.ts';
import { callerAccount, partition, region } from './caller.ts';
import { requestTags, textAt, words } from './input.ts';
import { type KeySource, type Need, anything, table } from './need.ts';

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html

const ON_TRAIL = words(`
  CreateTrail DeleteTrail GetEventSelectors GetTrail GetTrailStatus PutEventSelectors StartLogging StopLogging UpdateTrail
  AddTags ListTags RemoveTags`);

/** The trail that a call names: by its ARN, or by a name in the caller's account and region. */
const onTrail: Need['on'] = (call) => {
  const name = nameIn(call);
  if (name === undefined) return '*';
  if (name.startsWith('arn:')) return name;
  return `arn:${partition(call)}:cloudtrail:${region(call)}:${callerAccount(call)}:trail/${name}`;
};

function nameIn({ input }: ApiCall): string | undefined {
  const [listed] = Array.isArray(input['ResourceIdList']) ? input['ResourceIdList'] : [];
  const name = textAt(input, 'Name') ?? textAt(input, 'TrailName') ?? textAt(input, 'ResourceId');
  return name ?? (typeof listed === 'string' ? listed : undefined);
}

/** Of the tags that are taken away, their keys alone. */
const tagsOf: KeySource = (call) => {
  const keys = requestTags('TagsList')(call);
  return call.operation === 'RemoveTags' ? { 'aws:TagKeys': keys['aws:TagKeys'] } : keys;
};

const byName = (operation: string, on: Need['on']): Need[] => [
  { action: `cloudtrail:${operation}`, on, keys: [tagsOf] },
];

/** Operations on trails; each has an action of its name. The others are asked on everything. */
export const CLOUDTRAIL = table(() => ({
  ...Object.fromEntries(ON_TRAIL.map((operation) => [operation, byName(operation, onTrail)])),
  ...Object.fromEntries(
    words('DescribeTrails ListTrails ListPublicKeys LookupEvents').map((operation) => [
      operation,
      byName(operation, anything),
    ]),
  ),
}));
