export { AccountError, type AccountErrorCode } from './account-error.ts';
export { AccountReader } from './account-reader.ts';
export { connect, type AccountAddress, type AccountConnection } from './connect.ts';
export { principalName, type Holder, type PrincipalName } from './principal-name.ts';
export { inlinePolicyName } from './read-principals.ts';
export { readError } from './readings.ts';
export { readOrganization, readWorld } from './read-world.ts';
export { asAwsError, failureKind, statusOf } from './aws-error.ts';
export type { ObjectQuestion, ObjectReading } from './read-objects.ts';
