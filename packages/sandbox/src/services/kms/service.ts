import { loadModel } from '../../wire/model.ts';
import { handlersOf, type LoadedService } from '../service.ts';
import { aliasHandlers } from './aliases.ts';
import { cryptographyHandlers } from './cryptography.ts';
import { grantHandlers } from './grants.ts';
import { keyHandlers } from './keys.ts';
import { keyPolicyHandlers } from './key-policies.ts';
import { model } from './model.data.ts';
import { rotationHandlers } from './rotations.ts';
import { survey } from './survey.ts';
import { tagHandlers } from './tags.ts';

export const kms: LoadedService = {
  model: loadModel(model),
  handlers: handlersOf({
    ...keyHandlers,
    ...keyPolicyHandlers,
    ...aliasHandlers,
    ...grantHandlers,
    ...cryptographyHandlers,
    ...tagHandlers,
    ...rotationHandlers,
  }),
  survey,
  isData: () => false,
};
