import { loadModel } from '../../wire/model.ts';
import { handlersOf, type LoadedService } from '../service.ts';
import { model } from './model.data.ts';
import { policyHandlers } from './policies.ts';
import { structureHandlers } from './structure.ts';

export const organizations: LoadedService = {
  model: loadModel(model),
  handlers: handlersOf({ ...structureHandlers, ...policyHandlers }),
  survey: () => ({}),
  isData: () => false,
};
