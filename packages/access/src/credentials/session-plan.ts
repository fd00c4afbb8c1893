import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { AccessError } from '../errors.ts';
import { refuseUnknownOptions } from '../known-options.ts';
import { assumeRoleInput } from './assume-role-input.ts';
import type { CrossAccountRoleOptions, RoleLink } from './role-options.ts';
import { configuredSource, type Source } from './source.ts';
import type { StsSettings } from './sts-client.ts';

/** One call that issues a session. */
export interface PlannedLink {
  input: AssumeRoleCommandInput;
  mfa?: CrossAccountRoleOptions['mfa'];
  /** AssumeRoleWithWebIdentity with the token in this file, in place of AssumeRole. */
  tokenFile?: string;
}

/** A checked request for a session: the links of its chain, the last of which is the session itself. */
export interface SessionPlan {
  links: PlannedLink[];
  source: Source;
  settings: StsSettings;
  cache: CrossAccountRoleOptions['cache'];
}

const LINK_OPTIONS = [
  'roleArn',
  'externalId',
  'sessionName',
  'duration',
  'tags',
  'transitiveTagKeys',
  'sourceIdentity',
  'policy',
  'policyArns',
  'scope',
] as const satisfies (keyof RoleLink)[];

const OPTIONS = [
  ...LINK_OPTIONS,
  'chain',
  'mfa',
  'credentials',
  'profile',
  'webIdentity',
  'region',
  'fallbackRegion',
  'endpoint',
  'clientConfig',
  'cache',
] as const satisfies (keyof CrossAccountRoleOptions)[];

/** What AssumeRoleWithWebIdentity does not take. */
const NOT_WITH_TOKEN = ['externalId', 'tags', 'transitiveTagKeys', 'sourceIdentity'] as const;

/** Checks the options, without any I/O. Throws an `AccessError`. */
export function planSession(options: CrossAccountRoleOptions): SessionPlan {
  refuseUnknownOptions(options, OPTIONS);
  const { chain = [], mfa, webIdentity, cache } = options;
  const links = [...chain.map(asLink), options];
  if (webIdentity?.roleArn !== undefined) links.unshift({ roleArn: webIdentity.roleArn });
  if (webIdentity) refuseWithToken(options, links[0]!);
  const planned = links.map((link, index): PlannedLink => ({ input: assumeRoleInput(link, index > 0) }));
  planned[0] = { ...planned[0]!, mfa: checkMfa(mfa), tokenFile: webIdentity?.tokenFile };
  const { profile, region, fallbackRegion, endpoint, clientConfig } = options;
  return {
    links: planned,
    source: configuredSource(options),
    settings: { profile, region, fallbackRegion, endpoint, clientConfig },
    cache,
  };
}

function asLink(link: string | RoleLink): RoleLink {
  if (typeof link === 'string') return { roleArn: link };
  refuseUnknownOptions(link, LINK_OPTIONS);
  return link;
}

function refuseWithToken({ mfa, credentials, profile }: CrossAccountRoleOptions, first: RoleLink): void {
  const refused = NOT_WITH_TOKEN.find((name) => first[name] !== undefined);
  const name = refused ?? (mfa && 'mfa') ?? (credentials && 'credentials') ?? (profile && 'profile');
  if (name === undefined || name === '') return;
  throw new AccessError(
    'invalid-option',
    `\`${name}\` has no meaning for a role that is assumed with a web identity token`,
    'leave it out, or name a source role in `webIdentity.roleArn` and give `roleArn` these options',
  );
}

function checkMfa(mfa: CrossAccountRoleOptions['mfa']): CrossAccountRoleOptions['mfa'] {
  if (mfa && (!/^[\w+=/:,.@-]{9,256}$/.test(mfa.serial) || typeof mfa.code !== 'function')) {
    throw new AccessError(
      'invalid-option',
      `\`mfa\` with serial \`${String(mfa.serial).slice(0, 100)}\` is not usable`,
      'pass { serial: "arn:aws:iam::111111111111:mfa/NAME", code: async () => "123456" }',
    );
  }
  return mfa;
}
