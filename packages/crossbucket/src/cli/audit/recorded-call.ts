import type { AnswerRow } from '@crossbucket/audit';
import { readEvent } from '../../explain/evidence/read-event.ts';
import type { Evidence } from '../../explain/evidence/evidence.ts';
import type { AuditPackage } from './open-audit.ts';

type Reading = Pick<AuditPackage, 'operationOf' | 'parseObject'>;

/**
 * The latest call of a group of denials, read as `explain --event` reads a record.
 * @throws ExplainError `bad-evidence` where it names nothing that access could be decided on
 */
export const recordedCall = (row: AnswerRow, audit: Reading): Evidence =>
  readEvent(JSON.stringify(recordOf(row, audit)));

function recordOf(row: AnswerRow, { operationOf, parseObject }: Reading) {
  const { service, target, caller_type: type, mfa, request } = row;
  return present({
    eventSource: `${String(service)}.amazonaws.com`,
    eventName: operationOf(String(row['action'])),
    eventTime: row['last_time'],
    errorCode: row['error_code'],
    errorMessage: row['error_message'],
    awsRegion: row['region'],
    sourceIPAddress: row['source_ip'],
    userAgent: row['user_agent'],
    vpcEndpointId: row['vpc_endpoint_id'],
    requestParameters: present({
      ...(typeof request === 'string' && parseObject(request)),
      bucketName: row['bucket'],
      key: row['object_key'],
      prefix: row['list_prefix'],
      roleSessionName: row['target_session'],
      ...(service === 'sts' && { roleArn: target }),
      ...(service === 'kms' && { keyId: target }),
    }),
    userIdentity: present({
      type,
      arn: row['caller_arn'],
      accountId: row['caller_account'],
      invokedBy: row['invoked_by'],
      ...((type === 'AssumedRole' || mfa !== null) && {
        sessionContext: { attributes: present({ mfaAuthenticated: mfa }) },
      }),
    }),
  });
}

const present = (members: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null && value !== undefined));
