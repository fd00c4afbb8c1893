import { iamArn } from '../../store/arns.ts';
import { entityKey } from '../../store/store.ts';
import { loadModel } from '../../wire/model.ts';
import { handlersOf, type LoadedService, type Survey } from '../service.ts';
import { accessKeyHandlers } from './access-keys.ts';
import { entityPolicyHandlers } from './entity-policies.ts';
import { managedPolicyHandlers } from './managed-policies.ts';
import { model } from './model.data.ts';
import { roleHandlers } from './roles.ts';
import { userHandlers } from './users.ts';

export const iam: LoadedService = {
  model: loadModel(model),
  handlers: handlersOf({
    ...userHandlers,
    ...accessKeyHandlers,
    ...roleHandlers,
    ...entityPolicyHandlers,
    ...managedPolicyHandlers,
  }),
  survey,
  isData: () => false,
};

/** Finds the paths of what a call names: they are part of the ARN that its policies speak of. */
function survey(
  _: string,
  input: Record<string, unknown>,
  context: Parameters<LoadedService['survey']>[2],
): Survey {
  const { store, caller } = context;
  const find = (kind: 'user' | 'role', name: unknown): string[] => {
    if (typeof name !== 'string') return [];
    const record = (kind === 'user' ? store.users : store.roles).get(entityKey(caller.account, name));
    return record ? [iamArn(kind, record.account, record.path, record.name)] : [];
  };
  const resourceArns = [...find('user', input['UserName']), ...find('role', input['RoleName'])];
  return resourceArns.length > 0 ? { facts: { resourceArns } } : {};
}
