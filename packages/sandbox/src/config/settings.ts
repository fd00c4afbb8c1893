import type { Clock } from '../clock.ts';
import type { SandboxConfig } from './config.ts';

/** How the sandbox behaves, as its config says. */
export interface Settings {
  /** Milliseconds until a new principal and a new key are accepted. */
  consistencyDelay: number;
}

export function settingsOf(config: SandboxConfig): Settings {
  return { consistencyDelay: (config.consistency?.delay ?? 0) * 1000 };
}

/** Whether all of the sandbox's services have heard of a principal or key, which takes as long as the config says. */
export function isKnown(
  { created }: { created: number },
  { clock, settings }: { clock: Clock; settings: Settings },
): boolean {
  return clock.now() - created >= settings.consistencyDelay;
}
