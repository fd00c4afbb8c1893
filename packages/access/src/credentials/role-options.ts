import type { STSClientConfig } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import type { PolicyDocument } from '@crossbucket/policy';
import type { Duration } from './duration.ts';
import type { SessionScope } from './session-scope.ts';

/** One role to assume: the options of AssumeRole. */
export interface RoleLink {
  /** `arn:aws:iam::222222222222:role/reports-reader` */
  roleArn: string;
  /** What the role's trust policy asks for in `sts:ExternalId`. Not a secret. */
  externalId?: string;
  /** Seen by the other account in CloudTrail. Default: program and host. */
  sessionName?: string;
  /** From 15 minutes to the role's maximum session duration; at most 1 hour in a chain. Default: 1 hour. */
  duration?: Duration;
  /** Session tags; the trust policy must allow `sts:TagSession`. */
  tags?: Record<string, string>;
  /** Tags that the sessions of further roles inherit. */
  transitiveTagKeys?: string[];
  /** The trust policy must allow `sts:SetSourceIdentity`. */
  sourceIdentity?: string;
  /** Session policy: narrows what the session may do. */
  policy?: PolicyDocument | string;
  /** Managed policies of the role's account that narrow the session too; at most 10. */
  policyArns?: string[];
  /** Writes the session policy that leaves just this access; in place of `policy`. */
  scope?: SessionScope | SessionScope[];
}

export interface CrossAccountRoleOptions extends RoleLink {
  /** Roles to assume on the way to `roleArn`, in this order. */
  chain?: (string | RoleLink)[];
  /** For a trust policy that asks for `aws:MultiFactorAuthPresent`. `code` is called once for each session of the first role. */
  mfa?: { serial: string; code: () => string | Promise<string> };
  /** Where the source credentials come from. Default: the SDK's default chain. */
  credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider;
  /** Profile of the shared config files: its credentials, region and `endpoint_url`. */
  profile?: string;
  /**
   * Starts from an OpenID Connect token in a file (Kubernetes, GitHub Actions, ...) in place of source credentials; the
   * file is read again for each session. With `roleArn`, that role is the source; without, the first role is assumed
   * with the token itself.
   */
  webIdentity?: { tokenFile: string; roleArn?: string };
  /** Region of the STS endpoint. Default: the SDK's own configuration, then the partition's main region. */
  region?: string;
  /** Asked when STS of `region` cannot be reached; `false` for none. Default: another region of the partition. */
  fallbackRegion?: string | false;
  /** URL of STS. Default: the SDK's own configuration (`AWS_ENDPOINT_URL_STS`, `endpoint_url`, ...). */
  endpoint?: string;
  /** Anything else for the STS client. */
  clientConfig?: STSClientConfig;
  /**
   * `disk` keeps sessions for the next process too, in a folder of the user's cache directory that nobody else can
   * read. Source credentials are never written. Default: `memory`.
   */
  cache?: 'memory' | 'disk' | { directory: string };
}
