import type { Bucket, Principal } from './cast.ts';

/** Who signs a call: the truth that a log shows parts of. */
export type Caller =
  | { kind: 'user'; user: Principal; accessKey: string }
  | { kind: 'session'; session: Session }
  | { kind: 'web-identity'; provider: string; user: string }
  | { kind: 'service'; service: string }
  | { kind: 'anonymous' };

/** Credentials of a role, for as long as they live. */
export interface Session {
  role: Principal;
  name: string;
  accessKey: string;
  /** Seconds since 1970. */
  created: number;
  /** The call that made it. Its record is not in the logs where `logged` is false. */
  by: Call;
  logged: boolean;
}

/** One call, whoever recorded it. */
export interface Call {
  id: string;
  /** Seconds since 1970. */
  time: number;
  service: 's3' | 'sts';
  name: string;
  data: boolean;
  readOnly: boolean;
  region: string;
  caller: Caller;
  ip: string;
  agent: string;
  error?: { code: string; message: string };
  bucket?: Bucket;
  key?: string;
  prefix?: string;
  bytesIn: number;
  bytesOut: number;
  /** For AssumeRole and its relatives: what came of it. */
  session?: Session;
  role?: Principal;
  /** Copies of its record: which accounts have one, and whether it names the caller in full. */
  copies: Copy[];
}

export interface Copy {
  account: string;
  identity: 'full' | 'account-only';
}

/** Account of the one who signs; undefined where there is none. */
export function accountOf(caller: Caller): string | undefined {
  if (caller.kind === 'user') return caller.user.account;
  if (caller.kind === 'session') return caller.session.role.account;
  return undefined;
}
