import type { SandboxConfig } from './config.ts';

/** How the sandbox behaves, as its config says. */
export interface Settings {
  /** Milliseconds until a new principal and a new key are accepted. */
  consistencyDelay: number;
}

export function settingsOf(config: SandboxConfig): Settings {
  return { consistencyDelay: (config.consistency?.delay ?? 0) * 1000 };
}
