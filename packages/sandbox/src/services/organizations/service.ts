import { loadModel } from '../../wire/model.ts';
import type { LoadedService } from '../service.ts';
import { model } from './model.data.ts';

/** Every operation is authenticated and authorised; none is served yet. */
export const organizations: LoadedService = {
  model: loadModel(model),
  handlers: new Map(),
  survey: () => ({}),
  isData: () => false,
};
