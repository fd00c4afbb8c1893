import type { SessionClaims } from './session-token.ts';

/** Who makes a call. */
export interface Caller {
  kind: 'anonymous' | 'root' | 'user' | 'assumed-role';
  /** ARN, or `*` for an anonymous caller. */
  arn: string;
  /** Account id; empty for an anonymous caller. */
  account: string;
  /** `aws:userid`: `AIDA...`, `AROA...:session`, or the account id of a root. */
  userId: string;
  accessKeyId?: string;
  /** Of a user. */
  userName?: string;
  session?: SessionClaims;
}

export const ANONYMOUS: Caller = { kind: 'anonymous', arn: '*', account: '', userId: 'anonymous' };

/** A caller whose signature is checked, with the secret that checks the chunks of its body. */
export interface Authenticated {
  caller: Caller;
  secret?: string;
}
