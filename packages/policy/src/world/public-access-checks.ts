import { onAccessPoint } from '../calls/s3control.ts';
import type { Cause } from '../decision.ts';
import { parsePolicy } from '../parse.ts';
import { isPublicPolicy } from '../public-access.ts';
import type { PublicAccessBlock } from '../request.ts';
import type { ApiCall, World } from '../snapshot.ts';
import { accountBlock, findAccessPoint, findBucket, own } from './owners.ts';
import { strictest } from './policies-for.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
export function publicBucketPolicy(world: World, { operation, input }: ApiCall): Cause | undefined {
  const { Bucket: name, Policy: text } = input;
  if (operation !== 'PutBucketPolicy' || typeof name !== 'string') return undefined;
  const found = findBucket(world, name);
  const account = found && accountBlock(world, found.account);
  const through = findAccessPoint(world, name)?.accessPoint.publicAccessBlock;
  const settings = strictest([account, found?.bucket.publicAccessBlock, through]);
  return publicPolicy(text, 'bucket', settings, { on: `bucket \`${name}\``, account: found?.account.id });
}

/** What Block Public Access refuses of S3 Control. */
export function blockedControl(world: World, call: ApiCall): Cause | undefined {
  switch (call.operation) {
    case 'PutPublicAccessBlock':
    case 'DeletePublicAccessBlock':
      return managedBlock(world, call);
    case 'PutAccessPointPolicy':
      return publicAccessPointPolicy(world, call);
    default:
      return undefined;
  }
}

/**
 * An account does not change what its organization has settled.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html
 */
function managedBlock({ organization }: World, { input }: ApiCall): Cause | undefined {
  const { AccountId: account } = input;
  if (typeof account !== 'string' || organization === undefined) return undefined;
  if (own(organization.accounts, account)?.publicAccessBlock === undefined) return undefined;
  const detail = `an S3 policy of organization ${organization.id} settles Block Public Access of account ${account}`;
  return { code: 'public-access-block', account, layer: 'public-access-block', detail };
}

function publicAccessPointPolicy(world: World, call: ApiCall): Cause | undefined {
  const arn = onAccessPoint(call);
  const found = arn === undefined ? undefined : findAccessPoint(world, arn);
  if (found === undefined) return undefined;
  const settings = strictest([accountBlock(world, found.account), found.accessPoint.publicAccessBlock]);
  return publicPolicy(call.input['Policy'], 'access-point', settings, {
    on: `access point \`${found.accessPoint.arn}\``,
    account: found.account.id,
  });
}

function publicPolicy(
  text: unknown,
  kind: 'bucket' | 'access-point',
  { BlockPublicPolicy: blocks }: PublicAccessBlock,
  { on, account }: { on: string; account: string | undefined },
): Cause | undefined {
  if (blocks !== true || typeof text !== 'string') return undefined;
  // A malformed one is left for the service to refuse.
  if (!isPublicPolicy(parsePolicy(text, kind).document, kind)) return undefined;
  const detail = `the policy is public, and Block Public Access of ${on} refuses it (BlockPublicPolicy)`;
  return { code: 'public-access-block', ...(account && { account }), layer: 'public-access-block', detail };
}
