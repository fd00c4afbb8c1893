import { loadModel } from '../../wire/model.ts';
import { handlersOf, type LoadedService } from '../service.ts';
import { lookupEventsHandlers } from './lookup-events.ts';
import { model } from './model.data.ts';

export const cloudtrail: LoadedService = {
  model: loadModel(model),
  handlers: handlersOf({ ...lookupEventsHandlers }),
  survey: () => ({}),
  isData: () => false,
};
