import {
  findAccessPoint,
  findBucket,
  findCaller,
  findKey,
  type AccessRequest,
  type ApiCall,
  type Cause,
  type NamedPolicy,
  type StatementRef,
  type World,
} from '@crossbucket/policy';
import { nameOf, type DocumentRef, type SettingRef } from '../../changes/index.ts';
import type { Situation } from './situation.ts';

/** Where a document is kept: what `changes/` can write, and what only its owner can. */
export type Place =
  | Exclude<DocumentRef, SettingRef>
  | ({ account: string } & (
      | { kind: 'vpc-endpoint-policy'; endpoint: string }
      | { kind: 'session-policy'; step: number; name: string; arn?: string }
    ));

/** A policy, and where it is kept. */
export interface Located {
  place: Place;
  policy: NamedPolicy;
}

/** `bucket policy of acme-reports` */
export function placeName(place: Place): string {
  switch (place.kind) {
    case 'vpc-endpoint-policy':
      return `policy of VPC endpoint ${place.endpoint}`;
    case 'session-policy':
      return place.arn ?? 'session policy';
    default:
      return nameOf(place);
  }
}

/** What a cause's request was asked with. */
export interface Asked {
  situation: Situation;
  call: ApiCall;
  request: AccessRequest;
}

/** The document that a statement of a cause stands in. */
export function locate(
  asked: Asked,
  { layer }: Pick<Cause, 'layer'>,
  ref: Pick<StatementRef, 'policy' | 'policyArn'>,
): Located | undefined {
  const isNamed = ({ name, arn }: NamedPolicy) => name === ref.policy && arn === ref.policyArn;
  return documentsOf(asked, layer).find(({ policy }) => isNamed(policy));
}

/** Every document of a layer that has a say in a request. */
export function documentsOf(asked: Asked, layer: Cause['layer']): Located[] {
  const { situation, call, request } = asked;
  const { world } = situation;
  switch (layer) {
    case 'identity-policy': {
      const caller = findCaller(world, call);
      if (caller === undefined) return [];
      const { account, principal } = caller;
      return principal.policies.map((policy) => ({
        policy,
        place: identityPlace(account.id, principal, policy, situation),
      }));
    }
    case 'boundary': {
      const caller = findCaller(world, call);
      const boundary = caller?.principal.boundary;
      if (caller === undefined || boundary === undefined) return [];
      const place: Place = {
        account: caller.account.id,
        kind: 'managed-policy',
        arn: boundary.arn ?? boundary.name,
      };
      return [{ policy: boundary, place }];
    }
    case 'session-policy':
      return sessionDocuments(asked);
    case 'resource-policy':
    case 'public-access-block': {
      const found = bucketOf(world, request);
      if (found?.bucket.policy === undefined) return [];
      return [{ policy: found.bucket.policy, place: bucketPlace(found) }];
    }
    case 'access-point-policy': {
      const found = findAccessPoint(world, request.accessPoint ?? '');
      if (found?.accessPoint.policy === undefined) return [];
      const { arn, policy } = found.accessPoint;
      return [{ policy, place: { account: found.account.id, kind: 'access-point-policy', arn } }];
    }
    case 'trust-policy': {
      const account = request.resourceAccount ?? '';
      const role = world.accounts[account]?.principals[request.resource];
      if (role?.trust === undefined) return [];
      return [{ policy: role.trust, place: { account, kind: 'trust-policy', role: lastPart(role.arn) } }];
    }
    case 'key-policy': {
      const key = findKey(world, request.resource);
      if (key === undefined) return [];
      return [
        { policy: key.policy, place: { account: key.arn.split(':')[4]!, kind: 'key-policy', key: key.arn } },
      ];
    }
    case 'scp':
    case 'rcp':
      return organizationDocuments(
        world,
        layer,
        layer === 'scp' ? accountOf(request.principal) : request.resourceAccount,
      );
    case 'vpc-endpoint-policy': {
      const id = request.context?.['aws:SourceVpce'];
      const endpoint = typeof id === 'string' ? world.endpoints?.[id] : undefined;
      if (endpoint?.policy === undefined) return [];
      return [
        {
          policy: endpoint.policy,
          place: {
            account: accountOf(situation.caller.principal) ?? '',
            kind: 'vpc-endpoint-policy',
            endpoint: endpoint.id,
          },
        },
      ];
    }
    default:
      return [];
  }
}

export const lastPart = (arn: string): string => arn.split('/').at(-1)!;

export const accountOf = (principal: string): string | undefined => principal.split(':')[4] || undefined;

export const bucketPlace = ({ account, bucket }: NonNullable<ReturnType<typeof findBucket>>): Place => ({
  account: account.id,
  kind: 'bucket-policy',
  bucket: bucket.name,
  region: bucket.region,
});

/** The bucket that an authorization of S3 is about. */
export function bucketOf(world: World, { resource }: AccessRequest): ReturnType<typeof findBucket> {
  const name = /^arn:[^:]+:s3:::([^/]+)/.exec(resource)?.[1];
  return name === undefined ? findBucket(world, resource.split('/object/')[0]!) : findBucket(world, name);
}

function identityPlace(
  account: string,
  principal: { kind: 'user' | 'role'; arn: string },
  policy: NamedPolicy,
  { facts }: Situation,
): Place {
  if (policy.arn !== undefined) return { account, kind: 'managed-policy', arn: policy.arn };
  const own = { kind: principal.kind, name: lastPart(principal.arn) };
  const holders = facts.holders?.get(policy) ?? [own];
  const holder = holders.find((one) => one.kind === own.kind && one.name === own.name) ?? holders[0] ?? own;
  return { account, kind: 'inline-policy', holder, policy: policy.name };
}

/** Session policies stand in the AssumeRole before the call that they limit. */
function sessionDocuments({ situation, call }: Asked): Located[] {
  const account = accountOf(situation.caller.principal) ?? '';
  const step = situation.calls.findLastIndex(
    ({ input }) => lastPart(String(input['RoleArn'])) === roleIn(call.principal),
  );
  return (call.session?.policies ?? []).map((policy) => ({
    policy,
    place: {
      account,
      kind: 'session-policy',
      step,
      name: policy.name,
      ...(policy.arn !== undefined && { arn: policy.arn }),
    },
  }));
}

const roleIn = (session: string): string | undefined => session.split('/')[1];

function organizationDocuments(
  { organization }: World,
  layer: 'scp' | 'rcp',
  account: string | undefined,
): Located[] {
  const member = account === undefined ? undefined : organization?.accounts[account];
  if (organization === undefined || member === undefined) return [];
  const levels = layer === 'scp' ? member.serviceControl : member.resourceControl;
  return levels.flat().map((policy) => ({
    policy,
    place: {
      account: organization.managementAccount,
      kind: layer,
      name: policy.name,
      ...(policy.arn !== undefined && { arn: policy.arn }),
    },
  }));
}
