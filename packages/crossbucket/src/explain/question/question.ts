import type { ContextValue, EndpointSnapshot, SessionFacts } from '@crossbucket/policy';
import type { AccountAddress, AccountConnection } from '../../accounts/index.ts';
import type { Spec } from '../../spec/index.ts';
import type { AccountsReading } from '../collect/sources.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Operation } from './operation.ts';
import type { RoleStep } from './path.ts';

/** May somebody make a call, and if not, why? */
export interface Question {
  /** `s3:GetObject`, or an operation such as `HeadObject`. */
  action: string;
  /** `s3://BUCKET/KEY`, or the ARN of a bucket, object, access point, role or key. */
  target: string;
  /** The very call, where it is known: it takes the place of `action` and `input`. */
  operation?: Operation | undefined;
  /** ARN, account id, profile, or name of a grant. Without it, the SDK's default credentials. */
  as?: string | undefined;
  /** Roles that are assumed on the way, by their ARNs or with more of the AssumeRole's input. */
  via?: readonly (string | RoleStep)[] | undefined;
  /** Further members of the SDK's input of the call. */
  input?: Readonly<Record<string, unknown>> | undefined;
  /** What the caller's session carries, where it is one. */
  session?: SessionFacts | undefined;
  /** Condition keys that are known: `aws:SourceIp`, `sts:ExternalId`, ... */
  context?: Readonly<Record<string, ContextValue>> | undefined;
  /** True where the context is all that there is: a key that it does not have is not there. */
  closed?: boolean | undefined;
  /** Region that the client of S3 is made for. */
  region?: string | undefined;
}

/** Where the answer is read from. */
export interface ExplainOptions {
  /** Profiles to read accounts with. Without any, and without `spec`, every profile that there is, if they are few. */
  profiles?: readonly string[] | undefined;
  /** Accounts to read, by profile or credentials. */
  accounts?: readonly AccountAddress[] | undefined;
  /** What crossbucket.yaml holds. */
  spec?: Spec | undefined;
  /** VPC endpoints with their policies, by id. */
  endpoints?: Readonly<Record<string, EndpointSnapshot>> | undefined;
  /** Accounts that are connected to already. */
  connections?: readonly AccountConnection[] | undefined;
  /** Make harmless calls as well: read-only ones that give no object's content. Default: none. */
  probe?: boolean | undefined;
  /** Accounts that are being read already: for several questions over one reading. */
  reading?: AccountsReading | undefined;
  /** What AWS said of the call. */
  evidence?: Evidence | undefined;
  /** ISO 8601. Default: now. */
  now?: string | undefined;
}
