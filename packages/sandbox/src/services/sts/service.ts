import { loadModel } from '../../wire/model.ts';
import { handlersOf, type LoadedService } from '../service.ts';
import { assumeRoleHandlers } from './assume-role.ts';
import { identityHandlers } from './identity.ts';
import { model } from './model.data.ts';
import { survey } from './survey.ts';
import { userSessionHandlers } from './user-sessions.ts';
import { webIdentityHandlers } from './web-identity.ts';

export const sts: LoadedService = {
  model: loadModel(model),
  handlers: handlersOf({
    ...identityHandlers,
    ...assumeRoleHandlers,
    ...userSessionHandlers,
    ...webIdentityHandlers,
  }),
  survey,
  writesLittle: true,
  isData: () => false,
  unsigned: new Set(['AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML']),
};
