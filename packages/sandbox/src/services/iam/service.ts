import { loadModel } from '../../wire/model.ts';
import { handlersOf, type LoadedService } from '../service.ts';
import { accessKeyHandlers } from './access-keys.ts';
import { accountHandlers } from './account.ts';
import { authorizationDetailsHandlers } from './authorization-details.ts';
import { boundaryHandlers } from './boundaries.ts';
import { entityPolicyHandlers } from './entity-policies.ts';
import { groupHandlers } from './groups.ts';
import { instanceProfileHandlers } from './instance-profiles.ts';
import { managedPolicyHandlers } from './managed-policies.ts';
import { mfaDeviceHandlers } from './mfa-devices.ts';
import { model } from './model.data.ts';
import { oidcProviderHandlers } from './oidc-providers.ts';
import { policyEntityHandlers } from './policy-entities.ts';
import { roleHandlers } from './roles.ts';
import { serviceLinkedRoleHandlers } from './service-linked-roles.ts';
import { simulateHandlers } from './simulate.ts';
import { survey } from './survey.ts';
import { tagHandlers } from './tags.ts';
import { userHandlers } from './users.ts';

export const iam: LoadedService = {
  model: loadModel(model),
  handlers: handlersOf({
    ...userHandlers,
    ...accessKeyHandlers,
    ...roleHandlers,
    ...entityPolicyHandlers,
    ...managedPolicyHandlers,
    ...groupHandlers,
    ...boundaryHandlers,
    ...mfaDeviceHandlers,
    ...oidcProviderHandlers,
    ...instanceProfileHandlers,
    ...tagHandlers,
    ...accountHandlers,
    ...authorizationDetailsHandlers,
    ...policyEntityHandlers,
    ...serviceLinkedRoleHandlers,
    ...simulateHandlers,
  }),
  survey,
  isData: () => false,
};
