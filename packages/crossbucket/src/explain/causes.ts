import type { CauseCode } from '@crossbucket/policy';

/** What a cause means, and what to do about it in general: a fix says it of the very documents. */
export interface CauseWords {
  meaning: string;
  remedy: string;
}

/** One entry for each cause, in the order of the documentation. */
export const CAUSE_WORDS: Readonly<Record<CauseCode, CauseWords>> = {
  'identity-policy-missing-allow': {
    meaning: "No policy of the caller's user or role allows the action on the resource.",
    remedy: 'Allow it in a policy of the caller. Across accounts both sides have to.',
  },
  'identity-policy-explicit-deny': {
    meaning: "A policy of the caller's user, role or group denies it.",
    remedy: 'Spare the call in the Deny: no Allow overrules it.',
  },
  'resource-policy-missing-allow': {
    meaning: 'The bucket policy of the owner does not allow the caller.',
    remedy: 'The owner of the bucket allows the caller by its ARN.',
  },
  'resource-policy-explicit-deny': {
    meaning: 'The bucket policy denies it.',
    remedy: 'Make the call as the Deny lets it through, or have the owner spare it.',
  },
  'boundary-missing-allow': {
    meaning:
      "The permissions boundary of the caller's user or role does not allow it, whatever its policies say.",
    remedy: 'Allow it in the boundary as well.',
  },
  'boundary-explicit-deny': {
    meaning: 'The permissions boundary denies it.',
    remedy: 'Spare the call in the boundary.',
  },
  'session-policy-missing-allow': {
    meaning:
      'The policy that was passed when the role was assumed does not allow it: a session policy only narrows.',
    remedy: 'Pass a session policy that allows it, or none.',
  },
  'session-policy-explicit-deny': {
    meaning: 'The policy that was passed when the role was assumed denies it.',
    remedy: 'Pass a session policy without the Deny.',
  },
  'scp-missing-allow': {
    meaning: "At some level of the organization no service control policy allows it to the caller's account.",
    remedy: 'The management account allows it at each level.',
  },
  'scp-explicit-deny': {
    meaning: "A service control policy denies it to the caller's account.",
    remedy: 'The management account spares the call.',
  },
  'rcp-explicit-deny': {
    meaning:
      'A resource control policy of the organization that owns the resource denies it, to callers from outside as well.',
    remedy: 'The management account of the owner spares the call.',
  },
  'vpc-endpoint-policy-missing-allow': {
    meaning: 'The policy of the VPC endpoint that the call goes through does not allow it.',
    remedy: 'Allow it in the endpoint policy, or take another way.',
  },
  'vpc-endpoint-policy-explicit-deny': {
    meaning: 'The policy of the VPC endpoint denies it.',
    remedy: 'Spare the call in the endpoint policy, or take another way.',
  },
  'trust-policy-missing-allow': {
    meaning:
      "The role's trust policy does not let the caller assume it. The root of an account can assume no role.",
    remedy: 'The owner of the role names the caller in the trust policy.',
  },
  'trust-policy-explicit-deny': {
    meaning: "The role's trust policy denies the caller.",
    remedy: 'The owner of the role spares the caller.',
  },
  'external-id-mismatch': {
    meaning: 'The trust policy asks for an external id, and the call passes none or another.',
    remedy: 'Pass the one that the trust policy asks for. It is no secret.',
  },
  'mfa-required': {
    meaning: 'The trust policy asks for a second factor.',
    remedy: 'Pass SerialNumber and TokenCode. No session of a role has a second factor.',
  },
  'role-not-found': {
    meaning: 'There is no such role. AWS says no more than that access is denied.',
    remedy: "Mend the ARN, a role's path included, or make the role.",
  },
  'stale-principal': {
    meaning: 'The policy names somebody who was deleted: a new user or role of the same name is another.',
    remedy: 'Name the principal again.',
  },
  'access-point-policy-missing-allow': {
    meaning: "The access point's policy does not allow it: it and the bucket policy both have to.",
    remedy: 'The owner allows it in the policy of the access point.',
  },
  'access-point-policy-explicit-deny': {
    meaning: "The access point's policy denies it, or the access point is reached from its VPC only.",
    remedy: 'The owner spares the call, or it is sent from that VPC.',
  },
  'expected-owner-mismatch': {
    meaning: 'The bucket belongs to another account than the call expects.',
    remedy: 'Look whether the bucket is the right one, then mend the expectation.',
  },
  'session-duration': {
    meaning:
      'The session is to last longer than the role lets it, or longer than the hour of a session that another one makes.',
    remedy: 'Ask for a shorter session.',
  },
  'credentials-expired': {
    meaning: 'The session of the caller has ended.',
    remedy: 'Get new credentials; `fromCrossAccountRole` renews them in time.',
  },
  'credentials-invalid': {
    meaning: 'AWS does not know the access key, or the signature is not made with its secret.',
    remedy: 'Use an active key with its own secret and token.',
  },
  'clock-skew': {
    meaning: 'The clock of the caller is more than fifteen minutes wrong.',
    remedy: 'Set the clock.',
  },
  'public-access-block': {
    meaning:
      'Block Public Access refuses what is public, or shuts other accounts out of a bucket whose policy has become public.',
    remedy: 'Narrow what is public. The block stays.',
  },
  'object-ownership': {
    meaning:
      "The object belongs to the account that wrote it, so that the bucket's policy gives nobody access to it.",
    remedy: "Let the bucket's owner own every object (BucketOwnerEnforced).",
  },
  'acl-not-supported': {
    meaning: 'The call sets an ACL, and ACLs of the bucket are disabled.',
    remedy: 'Leave the ACL out.',
  },
  'requester-pays': {
    meaning: 'Callers of other accounts pay for the bucket, and have to say that they will.',
    remedy: 'Pass `RequestPayer: requester`.',
  },
  'object-lock': {
    meaning: 'The version is retained, or a legal hold is on it.',
    remedy: 'Wait, bypass governance, or have the hold lifted.',
  },
  'kms-key-policy': {
    meaning:
      'The policy of the key that the object is encrypted with does not allow the caller, or denies it.',
    remedy: 'The owner of the key allows the use through S3.',
  },
  'kms-identity-policy': {
    meaning: 'No policy of the caller allows the use of the key.',
    remedy: 'Allow `kms:Decrypt` to read, and `kms:GenerateDataKey` to write.',
  },
  'kms-managed-key': {
    meaning:
      'The object is encrypted with a key that AWS manages for its account: no other account can use it.',
    remedy:
      'Encrypt with a key of your own and copy the objects onto themselves, or read through a role of the owner.',
  },
  'kms-key-unavailable': {
    meaning: 'The key is disabled, or is to be deleted.',
    remedy: 'Enable it, if it was not turned off on purpose.',
  },
  'no-such-bucket': { meaning: 'No account has a bucket of this name.', remedy: 'Mend the name.' },
  'no-such-key': { meaning: 'The object is not there.', remedy: 'Mend the key, or have the object written.' },
  'missing-list-permission': {
    meaning: 'The object is not there, and S3 says 403 to a caller that may not list the bucket.',
    remedy: 'Allow `s3:ListBucket` to be told 404.',
  },
  'wrong-region': {
    meaning: 'The client of S3 is for another region than the bucket.',
    remedy: "Make the client for the bucket's region.",
  },
  'sts-region-disabled': {
    meaning: 'STS is not turned on in the region for the account that is asked for credentials.',
    remedy: 'Ask in a region that is on, or turn it on.',
  },
};
