/** Among them what KMS computes: https://docs.aws.amazon.com/kms/latest/developerguide/ct-encrypt.md */
const READING =
  /^(Get|List|Head|Describe|Lookup|Simulate|Decode|Select|Encrypt|Decrypt|ReEncrypt|GenerateDataKey|GenerateRandom)/;

/** Operations that change nothing, by AWS's naming. */
export function isReadOnly(operation: string): boolean {
  return READING.test(operation);
}

/** Operations that take something away: a full disk must not keep them back. */
export function makesRoom(operation: string): boolean {
  return /^(Delete|Detach|Remove|Untag|Abort)/.test(operation);
}
