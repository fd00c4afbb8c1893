import { AccessError } from '../errors.ts';

export interface RoleArn {
  arn: string;
  partition: string;
  account: string;
  /** Without its path. */
  name: string;
}

const ROLE_ARN = /^arn:(aws[a-z-]{0,20}):iam::(\d{12}):role\/(?:[\x21-\x7e]{1,512}\/)?([\w+=,.@-]{1,64})$/;

/** Reads the ARN of an IAM role; throws `invalid-option` for anything else. */
export function parseRoleArn(arn: unknown): RoleArn {
  const [, partition, account, name] = (typeof arn === 'string' && ROLE_ARN.exec(arn)) || [];
  if (typeof arn !== 'string' || !partition || !account || !name) {
    throw new AccessError(
      'invalid-option',
      `\`${String(arn).slice(0, 200)}\` is not the ARN of a role`,
      'pass the role of the destination account, like arn:aws:iam::222222222222:role/reports-reader',
    );
  }
  return { arn, partition, account, name };
}
