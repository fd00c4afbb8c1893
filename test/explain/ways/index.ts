import { IDENTITY_POLICIES } from './identity-policies.ts';
import { LIMITS } from './limits.ts';
import { ROLES } from './roles.ts';
import { BUCKET_POLICIES } from './bucket-policies.ts';
import { BUCKET_DENIES } from './bucket-denies.ts';
import { OPERATIONS } from './operations.ts';
import { ORGANIZATION } from './organization.ts';
import { NETWORK } from './endpoints.ts';
import { ACCESS_POINTS } from './access-points.ts';
import { BUCKET_SETTINGS } from './bucket-settings.ts';
import { KEYS } from './keys.ts';
import { ABSENT } from './absent.ts';
import { CREDENTIALS } from './credentials.ts';
import type { Way } from './way.ts';

export { routesOf, type Way } from './way.ts';

/** Every way to break the setup that works, each with the cause that is to be named first. */
export const WAYS: readonly Way[] = [
  ...IDENTITY_POLICIES,
  ...LIMITS,
  ...ROLES,
  ...BUCKET_POLICIES,
  ...BUCKET_DENIES,
  ...OPERATIONS,
  ...ORGANIZATION,
  ...NETWORK,
  ...ACCESS_POINTS,
  ...BUCKET_SETTINGS,
  ...KEYS,
  ...ABSENT,
  ...CREDENTIALS,
];
