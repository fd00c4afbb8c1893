import { loadModel } from '../../wire/model.ts';
import { handlersOf, type LoadedService } from '../service.ts';
import { eventSelectorHandlers } from './event-selectors.ts';
import { loggingHandlers } from './logging.ts';
import { lookupEventsHandlers } from './lookup-events.ts';
import { model } from './model.data.ts';
import { publicKeyHandlers } from './public-keys.ts';
import { tagHandlers } from './tags.ts';
import { trailHandlers } from './trails.ts';

export const cloudtrail: LoadedService = {
  model: loadModel(model),
  handlers: handlersOf({
    ...trailHandlers,
    ...loggingHandlers,
    ...eventSelectorHandlers,
    ...tagHandlers,
    ...publicKeyHandlers,
    ...lookupEventsHandlers,
  }),
  survey: () => ({}),
  isData: () => false,
};
