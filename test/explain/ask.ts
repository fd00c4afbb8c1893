import { authorizationsFor } from '@crossbucket/policy';
import { explain } from 'crossbucket/explain';
import type { Explanation } from '../../packages/crossbucket/src/explain/explanation.ts';
import { SERVICE, endpointSnapshots, type Setup } from './setup.ts';
import type { Stage } from './stage.ts';

/** Asks as a user does: everything else is read from the accounts. */
export async function ask(
  { connections }: Stage,
  { call }: Setup,
  error?: Error,
  more: Parameters<typeof explain>[1] = {},
): Promise<Explanation> {
  const { Bucket, Key, ...input } = call.input;
  const question = {
    action: actionOf(call),
    target: targetOf(String(Bucket), Key),
    as: SERVICE,
    via: call.via,
    input,
    region: call.region,
    ...(call.endpoint !== undefined && {
      context: { 'aws:SourceVpce': call.endpoint, 'aws:SourceVpc': 'vpc-1' },
    }),
    ...more,
  };
  const options = { connections, endpoints: call.endpoint === undefined ? {} : endpointSnapshots() };
  return error === undefined ? explain(question, options) : explain(error, { ...question, ...options });
}

/** What people ask about: an action, where the operation has one of its name, or else the operation. */
function actionOf({ operation, input }: Setup['call']): string {
  const [first] = authorizationsFor({ service: 's3', operation, input, principal: '*' });
  return operation === 'GetObject' || operation === 'PutObject' ? first!.action : operation;
}

const targetOf = (bucket: string, key: unknown): string => {
  const inside = typeof key === 'string' ? key : '';
  if (!bucket.startsWith('arn:')) return `s3://${bucket}/${inside}`;
  return inside === '' ? bucket : `${bucket}/object/${inside}`;
};
