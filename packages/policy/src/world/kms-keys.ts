import type { Cause, Decision } from '../decision.ts';
import { parseCaller } from '../statements/principal.ts';
import type { AccessRequest } from '../request.ts';
import type { World } from '../snapshot.ts';
import { findKey, own } from './owners.ts';

/**
 * What a key's state adds to the decision of its policies: a disabled key serves nobody, and one that AWS manages never another account.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 */
export function checkKey(world: World, request: AccessRequest, decided: Decision): Decision {
  if (!request.action.startsWith('kms:')) return decided;
  const decision = withUnreadGrants(world, request, decided);
  const key = findKey(world, request.resource);
  if (key === undefined) return decision;
  const account = request.resourceAccount;
  const place = { ...(account !== undefined && { account }), layer: 'key-policy' as const };
  const isStranger = parseCaller(request.principal).account !== account;
  if (decision.outcome === 'deny' && key.managedBy === 'AWS' && isStranger) {
    const detail = `\`${key.arn}\` is managed by AWS for account ${account}, and no other account can use it`;
    return denied(decision, { code: 'kms-managed-key', ...place, detail });
  }
  if (
    decision.outcome !== 'deny' &&
    key.state !== undefined &&
    key.state !== 'Enabled' &&
    CRYPTOGRAPHIC.test(request.action)
  ) {
    return denied(decision, {
      code: 'kms-key-unavailable',
      ...place,
      detail: `\`${key.arn}\` is ${key.state}`,
    });
  }
  return decision;
}

/** Where nobody could read a key's grants, one of them may allow what its policy does not. */
function withUnreadGrants(
  { accounts }: World,
  { action, resource, resourceAccount = '' }: AccessRequest,
  decision: Decision,
): Decision {
  const unread = own(accounts, resourceAccount)?.unknown?.some(
    ({ what }) => what === `key-grants ${resource}`,
  );
  const isMissing = ({ code, statement }: Cause) => code === 'kms-key-policy' && statement?.effect !== 'Deny';
  if (unread !== true || decision.outcome !== 'deny' || !decision.causes.every(isMissing)) return decision;
  const reason = `${action} on ${resource} depends on the grants of the key, which nobody could read.`;
  return { ...decision, outcome: 'depends', reason, causes: [] };
}

const CRYPTOGRAPHIC = /^kms:(?:Encrypt|Decrypt|ReEncrypt|GenerateDataKey|GenerateMac|VerifyMac|Sign|Verify)/;

function denied(decision: Decision, cause: Cause): Decision {
  return { ...decision, outcome: 'deny', reason: `${cause.detail}.`, causes: [cause], requires: [] };
}
