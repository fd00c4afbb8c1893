export { AssumeRoleError } from './credentials/assume-role-error.ts';
export type { Duration } from './credentials/duration.ts';
export {
  fromCrossAccountRole,
  type CrossAccountRoleProvider,
} from './credentials/from-cross-account-role.ts';
export type { CrossAccountRoleOptions, RoleLink } from './credentials/role-options.ts';
export type { SessionDescription } from './credentials/session-description.ts';
export type { SessionEvent } from './credentials/session-events.ts';
export type { ScopeAccess, SessionScope } from './credentials/session-scope.ts';
export { AccessError, type AccessErrorCode } from './errors.ts';
