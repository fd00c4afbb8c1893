import type { SessionClaims } from './session-token.ts';

/** What a token of an identity provider says, once it is verified. */
export interface WebIdentity {
  /** ARN of the provider, or the address of one that AWS has built in. */
  provider: string;
  issuer: string;
  audience: string;
  subject: string;
  /** Condition keys that stay with the session. */
  keys: Record<string, string | string[]>;
  tags: { Key: string; Value: string }[];
  transitiveTags: string[];
  sourceIdentity?: string;
}

/** Who makes a call. */
export interface Caller {
  kind: 'anonymous' | 'root' | 'user' | 'assumed-role' | 'federated-user' | 'web-identity' | 'service';
  /** ARN, or `*` for an anonymous caller; of a web identity, its provider's; of a service, its name. */
  arn: string;
  /** Account id; empty for an anonymous caller, a web identity and a service. */
  account: string;
  /** `aws:userid`: `AIDA...`, `AROA...:session`, `ACCOUNT:NAME` of a federated user, the account id of a root. */
  userId: string;
  accessKeyId?: string;
  /** Of a user; of a web identity, its subject. */
  userName?: string;
  /** ARN of the user, or root, that made a federated user's session. */
  federatedBy?: string;
  webIdentity?: WebIdentity;
  session?: SessionClaims;
  /** Of a service of AWS that calls in its own name: the condition keys that say for whom. */
  context?: Record<string, string | boolean>;
}

export const ANONYMOUS: Caller = { kind: 'anonymous', arn: '*', account: '', userId: 'anonymous' };

/** A caller whose signature is checked, with the secret that checks the chunks of its body. */
export interface Authenticated {
  caller: Caller;
  secret?: string;
}
