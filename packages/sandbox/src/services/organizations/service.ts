import { loadModel } from '../../wire/model.ts';
import { handlersOf, type LoadedService } from '../service.ts';
import { model } from './model.data.ts';
import { attachmentHandlers } from './attachments.ts';
import { policyHandlers } from './policies.ts';
import { policyTypeHandlers } from './policy-types.ts';
import { accountHandlers } from './accounts.ts';
import { handshakeHandlers } from './handshakes.ts';
import { membershipHandlers } from './membership.ts';
import { resourcePolicyHandlers } from './resource-policy.ts';
import { serviceAccessHandlers } from './service-access.ts';
import { structureHandlers } from './structure.ts';
import { survey } from './survey.ts';
import { tagHandlers } from './tags.ts';

export const organizations: LoadedService = {
  model: loadModel(model),
  handlers: handlersOf({
    ...structureHandlers,
    ...accountHandlers,
    ...membershipHandlers,
    ...handshakeHandlers,
    ...serviceAccessHandlers,
    ...resourcePolicyHandlers,
    ...tagHandlers,
    ...policyTypeHandlers,
    ...policyHandlers,
    ...attachmentHandlers,
  }),
  survey,
  isData: () => false,
};
