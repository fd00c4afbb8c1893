import type { Cause, Decision } from '../decision.ts';
import { parseCaller } from '../statements/principal.ts';
import type { AccessRequest } from '../request.ts';
import type { World } from '../snapshot.ts';
import { findKey } from './owners.ts';

/**
 * What a key's state adds to the decision of its policies: a disabled key serves nobody, and one that AWS manages never another account.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 */
export function checkKey(world: World, request: AccessRequest, decision: Decision): Decision {
  if (!request.action.startsWith('kms:')) return decision;
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

const CRYPTOGRAPHIC = /^kms:(?:Encrypt|Decrypt|ReEncrypt|GenerateDataKey|GenerateMac|VerifyMac|Sign|Verify)/;

function denied(decision: Decision, cause: Cause): Decision {
  return { ...decision, outcome: 'deny', reason: `${cause.detail}.`, causes: [cause], requires: [] };
}
