export { fromCrossAccountRole } from './credentials/from-cross-account-role.ts';
export type { CrossAccountRoleOptions, RoleLink } from './credentials/role-options.ts';
export type { Duration } from './credentials/duration.ts';
export { AssumeRoleError } from './credentials/sts-failure.ts';
export { AccessError, type AccessErrorCode } from './errors.ts';
