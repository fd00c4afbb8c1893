export { SandboxClock } from './clock.ts';
export type { Clock } from './clock.ts';
export { parseConfig, readConfigFile } from './config/read-config.ts';
export type { AccountConfig, SandboxConfig, UserConfig } from './config/config.ts';
export { SandboxError } from './errors.ts';
export type { SandboxErrorCode } from './errors.ts';
export { startSandbox } from './sandbox.ts';
export type { Credentials, Sandbox, SandboxAccount, SandboxOptions } from './sandbox.ts';
export type { CloudTrailRecord } from './trail/records/record.ts';
