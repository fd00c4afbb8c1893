import { AwsError } from '../../wire/errors.ts';
import { ONLY } from '../organizations/changes.ts';
import type { Call } from '../service.ts';

/**
 * An organization trail is made by the management account, once the organization trusts CloudTrail.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
 */
export function requireManagement({ store, caller }: Call): void {
  const organization = store.organization.get(ONLY);
  if (!organization || !store.organizationMembers.has(caller.account))
    throw new AwsError(
      'OrganizationsNotInUseException',
      `Account ${caller.account} is not a member of an organization.`,
    );
  if (organization.management !== caller.account)
    throw new AwsError(
      'NotOrganizationMasterAccountException',
      `Account ${caller.account} is not the management account of its organization.`,
    );
  if (organization.services?.some(({ principal }) => principal === 'cloudtrail.amazonaws.com')) return;
  throw new AwsError(
    'CloudTrailAccessNotEnabledException',
    'The organization does not give cloudtrail.amazonaws.com access: call EnableAWSServiceAccess first.',
  );
}
