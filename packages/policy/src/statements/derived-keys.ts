import type { Answer } from './condition-key.ts';
import type { RequestView } from './request-view.ts';

/**
 * Condition keys that follow from who asks for what.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export const DERIVED_KEYS: ReadonlyMap<string, (view: RequestView) => Answer> = new Map([
  ['aws:principalarn', principalArn],
  ['aws:principalaccount', ({ caller }) => (caller.kind === 'anonymous' ? 'anonymous' : caller.account)],
  ['aws:principaltype', ({ caller }) => PRINCIPAL_TYPES[caller.kind]],
  ['aws:userid', userId],
  ['aws:username', ({ caller }) => (caller.kind === 'user' ? caller.name : undefined)],
  ['aws:principalisawsservice', isService],
  ['aws:principalservicename', ({ caller }) => (caller.kind === 'service' ? caller.name : undefined)],
  ['aws:resourceaccount', (view) => view.resourceAccount],
  ['s3:resourceaccount', (view) => (view.service === 's3' ? view.resourceAccount : undefined)],
  ['s3:dataaccesspointarn', (view) => (view.service === 's3' ? view.accessPoint : undefined)],
  ['s3:dataaccesspointaccount', accessPointAccount],
  ['kms:calleraccount', (view) => (view.service === 'kms' ? view.caller.account : undefined)],
] satisfies [string, (view: RequestView) => Answer][]);

const PRINCIPAL_TYPES: Partial<Record<RequestView['caller']['kind'], string>> = {
  root: 'Account',
  user: 'User',
  role: 'AssumedRole',
  session: 'AssumedRole',
  'federated-user': 'FederatedUser',
  anonymous: 'Anonymous',
};

function principalArn({ caller, roleArn }: RequestView): Answer {
  switch (caller.kind) {
    case 'session':
      return roleArn ?? roleArns(caller.partition, caller.account!, caller.name);
    case 'user':
    case 'role':
    case 'root':
    case 'federated-user':
      return caller.text;
    default:
      return undefined;
  }
}

/**
 * A session's ARN leaves out the role's path. That of IAM Identity Center's roles is known but for its region, so a wildcard in its place matches.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
 */
function roleArns(partition: string, account: string, name: string): Answer {
  if (!name.startsWith('AWSReservedSSO_')) return `arn:${partition}:iam::${account}:role/${name}`;
  const path = `arn:${partition}:iam::${account}:role/aws-reserved/sso.amazonaws.com`;
  return [`${path}/${name}`, `${path}/region/${name}`];
}

function userId({ caller, uniqueId }: RequestView): Answer {
  if (caller.kind === 'root') return caller.account;
  if (uniqueId !== undefined)
    return caller.kind === 'session'
      ? `${uniqueId}:${caller.text.slice(caller.text.lastIndexOf('/') + 1)}`
      : uniqueId;
  return caller.kind === 'federated-user' ? `${caller.account}:${caller.name}` : undefined;
}

function isService({ caller }: RequestView): Answer {
  return caller.kind === 'anonymous' ? undefined : String(caller.kind === 'service');
}

function accessPointAccount({ service, accessPoint }: RequestView): Answer {
  if (service !== 's3' || typeof accessPoint !== 'string') return accessPoint;
  return accessPoint.split(':')[4];
}
