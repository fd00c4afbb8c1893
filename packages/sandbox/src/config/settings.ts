import type { JsonWebKey } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { SandboxConfig } from './config.ts';

/** How the sandbox behaves, as its config says. */
export interface Settings {
  /** Milliseconds until a new principal and a new key are accepted. */
  consistencyDelay: number;
  /** Whether plain HTTP counts as TLS, so that policies that require it can be tried. */
  plainIsSecure: boolean;
  /** Where the keys of identity providers are, by the issuer's address without its scheme: in hand, or at a URL. */
  identityKeys: ReadonlyMap<string, { keys: readonly JsonWebKey[] } | string>;
  /** Milliseconds of the sandbox's clock after which a trail's log file and a digest file are delivered. */
  trailInterval: number;
  digestInterval: number;
}

/** Seconds. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html */
const LOG_FILES_EVERY = 300;
const DIGESTS_EVERY = 3600;

export function settingsOf(config: SandboxConfig): Settings {
  const providers = config.identityProviders ?? [];
  return {
    consistencyDelay: (config.consistency?.delay ?? 0) * 1000,
    plainIsSecure: config.secureTransport !== 'actual',
    identityKeys: new Map(providers.map(({ url, jwks }) => [url.replace(/^https:\/\//, ''), jwks])),
    trailInterval: (config.cloudtrail?.deliverEvery ?? LOG_FILES_EVERY) * 1000,
    digestInterval: (config.cloudtrail?.digestEvery ?? DIGESTS_EVERY) * 1000,
  };
}

/** Whether all of the sandbox's services have heard of a principal or key, which takes as long as the config says. */
export function isKnown(
  { created }: { created: number },
  { clock, settings }: { clock: Clock; settings: Settings },
): boolean {
  return clock.now() - created >= settings.consistencyDelay;
}
