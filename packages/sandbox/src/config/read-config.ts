import type { SandboxConfig } from './config.ts';

// The schema's and YAML's libraries are loaded when there is a config to read.

/**
 * Reads a config file (YAML).
 * @throws SandboxError `InvalidConfig`, with line and column.
 */
export async function readConfigFile(path: string): Promise<SandboxConfig> {
  return (await import('./config.ts')).readConfigFile(path);
}

/** Reads a config's text; `path` is what errors call it. */
export async function parseConfig(text: string, path: string): Promise<SandboxConfig> {
  return (await import('./config.ts')).parseConfig(text, path);
}
