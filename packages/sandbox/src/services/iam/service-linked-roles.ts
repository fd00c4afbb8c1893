import { randomUUID } from 'node:crypto';
import type { RoleRecord } from '../../store/records.ts';
import { entityKey } from '../../store/store.ts';
import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';
import { noSuchEntity } from './errors.ts';
import { newId, requireDescription, requireName } from './names.ts';
import { describeWholeRole, isServiceLinked, requireRole, saveRole } from './roles.ts';

/** Services that have a role in every account that wants it, and what they call it. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['access-analyzer.amazonaws.com', 'AccessAnalyzer'],
  ['autoscaling.amazonaws.com', 'AutoScaling'],
  ['backup.amazonaws.com', 'Backup'],
  ['cks.kms.amazonaws.com', 'KeyManagementServiceCustomKeyStores'],
  ['cloudtrail.amazonaws.com', 'CloudTrail'],
  ['config.amazonaws.com', 'Config'],
  ['ecs.amazonaws.com', 'ECS'],
  ['elasticloadbalancing.amazonaws.com', 'ElasticLoadBalancing'],
  ['guardduty.amazonaws.com', 'AmazonGuardDuty'],
  ['mrk.kms.amazonaws.com', 'KeyManagementServiceMultiRegionKeys'],
  ['organizations.amazonaws.com', 'Organizations'],
  ['rds.amazonaws.com', 'RDS'],
  ['spot.amazonaws.com', 'EC2Spot'],
  ['sso.amazonaws.com', 'SSO'],
  ['storage-lens.s3.amazonaws.com', 'S3StorageLens'],
]);

const TAKES_SUFFIX = new Set(['autoscaling.amazonaws.com']);

export const serviceLinkedRoleHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  CreateServiceLinkedRole(input, call) {
    const service = input.AWSServiceName!;
    const suffix = input.CustomSuffix;
    const own = NAMES.get(service);
    if (own === undefined)
      throw new AwsError('InvalidInput', `Service principal ${service} has no service-linked role here.`);
    if (suffix !== undefined && !TAKES_SUFFIX.has(service))
      throw new AwsError('InvalidInput', `Custom suffix is not allowed for ${service}`);
    const name = `AWSServiceRoleFor${own}${suffix === undefined ? '' : `_${suffix}`}`;
    requireName('customSuffix', name, 64);
    const { account } = call.caller;
    if (call.store.roles.has(entityKey(account, name)))
      throw new AwsError(
        'InvalidInput',
        `Service role name ${name} has been taken in this account, please try a different suffix.`,
      );
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    };
    const role: RoleRecord = {
      account,
      name,
      path: `/aws-service-role/${service}/`,
      id: newId('AROA'),
      created: call.clock.now(),
      trust: JSON.stringify(trust),
      ...(input.Description !== undefined && { description: requireDescription(input.Description) }),
      maxSessionDuration: 3600,
      tags: [],
      inline: {},
      attached: [],
    };
    saveRole(role, call);
    return { Role: describeWholeRole(role, call) };
  },

  /** No service here uses its role, so the deletion is done at once. */
  DeleteServiceLinkedRole(input, call) {
    const role = requireRole(input.RoleName!, call);
    if (!isServiceLinked(role))
      throw noSuchEntity(`The service-linked role with name ${role.name} cannot be found.`);
    const id = `task${role.path}${role.name}/${randomUUID()}`;
    call.store.roles.delete(entityKey(role.account, role.name));
    call.store.deletionTasks.set(id, { id, account: role.account });
    return { DeletionTaskId: id };
  },

  GetServiceLinkedRoleDeletionStatus(input, { store, caller }) {
    const task = store.deletionTasks.get(input.DeletionTaskId!);
    if (task?.account === caller.account) return { Status: 'SUCCEEDED' };
    throw noSuchEntity(`Deletion Task Id: ${input.DeletionTaskId} does not exist.`);
  },
};
