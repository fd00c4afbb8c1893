import type { HandlersOf } from '../service.ts';
import { requireBoundary } from './managed-policies.ts';
import { requireModifiableRole, saveRole } from './roles.ts';
import { requireUser, saveUser } from './users.ts';

export const boundaryHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  PutUserPermissionsBoundary(input, call) {
    const user = requireUser(input.UserName!, call);
    const boundary = requireBoundary(input.PermissionsBoundary!, call);
    saveUser({ ...user, boundary }, call);
    return {};
  },

  DeleteUserPermissionsBoundary(input, call) {
    const { boundary: _, ...user } = requireUser(input.UserName!, call);
    saveUser(user, call);
    return {};
  },

  PutRolePermissionsBoundary(input, call) {
    const role = requireModifiableRole(input.RoleName!, call);
    const boundary = requireBoundary(input.PermissionsBoundary!, call);
    saveRole({ ...role, boundary }, call);
    return {};
  },

  DeleteRolePermissionsBoundary(input, call) {
    const { boundary: _, ...role } = requireModifiableRole(input.RoleName!, call);
    saveRole(role, call);
    return {};
  },
};
