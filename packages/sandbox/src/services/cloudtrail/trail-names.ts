import type { TrailRecord } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call } from '../service.ts';

type Where = Pick<Call, 'region'> & { caller: Pick<Call['caller'], 'account'> };

export function trailArn(account: string, region: string, name: string): string {
  return `arn:aws:cloudtrail:${region}:${account}:trail/${name}`;
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html */
export function requireTrailName(name: string): string {
  const refuse = (message: string) => new AwsError('InvalidTrailNameException', message);
  if (name.length < 3)
    throw refuse(
      'Trail name too short. Minimum allowed length: 3 characters. Specified name length: ' +
        name.length +
        ' characters.',
    );
  if (name.length > 128)
    throw refuse(
      'Trail name too long. Maximum allowed length: 128 characters. Specified name length: ' +
        name.length +
        ' characters.',
    );
  if (!/^[a-zA-Z0-9]/.test(name)) throw refuse('Trail name must starts with a letter or number.');
  if (!/[a-zA-Z0-9]$/.test(name)) throw refuse('Trail name must ends with a letter or number.');
  if (!/^[a-zA-Z0-9._-]+$/.test(name))
    throw refuse(
      'Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).',
    );
  if (/[._-]{2}/.test(name))
    throw refuse('Trail name must not have adjacent periods, underscores or dashes.');
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) throw refuse('Trail name must not be in IP address format.');
  return name;
}

/** The ARN that a name or an ARN stands for. @throws AwsError `InvalidTrailNameException`, `CloudTrailARNInvalidException` */
export function arnOf(nameOrArn: string, { caller, region }: Where): string {
  if (!nameOrArn.startsWith('arn:')) return trailArn(caller.account, region, requireTrailName(nameOrArn));
  const parts = /^arn:aws[\w-]*:cloudtrail:([\w-]+):(\d{12}):trail\/(.+)$/.exec(nameOrArn);
  if (!parts) throw new AwsError('CloudTrailARNInvalidException', `ARN ${nameOrArn} is not valid.`);
  requireTrailName(parts[3]!);
  return nameOrArn;
}

/** A trail that a call names, for reading: of the caller's account, or of its organization. */
export function findTrail(nameOrArn: string, call: Call): TrailRecord {
  const arn = arnOf(nameOrArn, call);
  const found = call.store.trails.get(arn) ?? shadowOf(nameOrArn, call);
  if (found && isVisible(found, call)) return found;
  throw new AwsError(
    'TrailNotFoundException',
    `Unknown trail: ${nameOrArn} for the user: ${call.caller.account}`,
  );
}

/** A trail that a call changes: of the caller's own, in its home region. */
export function findOwnTrail(nameOrArn: string, call: Call): TrailRecord {
  const trail = findTrail(nameOrArn, call);
  if (trail.account !== call.caller.account)
    throw new AwsError(
      'NotOrganizationMasterAccountException',
      'Only the management account of the organization can change its trails.',
    );
  if (trail.region !== call.region)
    throw new AwsError(
      'InvalidHomeRegionException',
      `Trail ${trail.arn} was created in ${trail.region}; it can be changed only there.`,
    );
  return trail;
}

/** In other regions, a trail of all of them is known by its name. */
function shadowOf(name: string, { store, caller }: Call): TrailRecord | undefined {
  return [...store.trails.values()].find(
    (trail) => trail.multiRegion && trail.account === caller.account && trail.name === name,
  );
}

export function isVisible(trail: TrailRecord, { caller, store }: Pick<Call, 'caller' | 'store'>): boolean {
  return trail.account === caller.account || isOfOrganization(trail, caller.account, store);
}

function isOfOrganization({ organization }: TrailRecord, account: string, store: Store): boolean {
  return organization === true && store.organizationMembers.has(account);
}
