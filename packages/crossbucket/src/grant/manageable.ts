import type { SourcePrincipal } from './facts.ts';

/**
 * Whether policies can be added to a principal: not to the roles that IAM Identity Center and services keep.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html
 */
export const isManageable = ({ arn }: SourcePrincipal): boolean =>
  !/:role\/aws-(?:reserved|service-role)\//.test(arn);
