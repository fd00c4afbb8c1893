import { loadModel } from '../../wire/model.ts';
import { handlersOf, type LoadedService } from '../service.ts';
import { model } from './model.data.ts';
import { attachmentHandlers } from './attachments.ts';
import { policyHandlers } from './policies.ts';
import { policyTypeHandlers } from './policy-types.ts';
import { structureHandlers } from './structure.ts';

export const organizations: LoadedService = {
  model: loadModel(model),
  handlers: handlersOf({
    ...structureHandlers,
    ...policyTypeHandlers,
    ...policyHandlers,
    ...attachmentHandlers,
  }),
  survey: () => ({}),
  isData: () => false,
};
