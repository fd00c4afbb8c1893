import type { Call, Caller, Copy } from './calls.ts';
import { accountOf } from './calls.ts';
import { arnOf } from './simulate.ts';

/** The record of a call that one account gets, in CloudTrail's format. */
export function recordOf(call: Call, copy: Copy, eventID: string): Record<string, unknown> {
  const { service, error } = call;
  return {
    eventVersion: '1.11',
    userIdentity: copy.identity === 'full' ? identityOf(call.caller) : accountOnly(call.caller),
    eventTime: iso(call.time),
    eventSource: `${service}.amazonaws.com`,
    eventName: call.name,
    awsRegion: call.region,
    sourceIPAddress: call.caller.kind === 'service' ? call.caller.service : call.ip,
    userAgent: call.caller.kind === 'service' ? call.caller.service : call.agent,
    ...(error && { errorCode: error.code, errorMessage: error.message }),
    requestParameters: service === 's3' ? bucketRequest(call) : roleRequest(call),
    responseElements: service === 's3' ? null : roleResponse(call),
    ...(service === 's3' && { additionalEventData: additional(call) }),
    requestID: call.id.slice(0, 16).toUpperCase(),
    eventID,
    readOnly: call.readOnly,
    resources: resourcesOf(call),
    eventType: 'AwsApiCall',
    managementEvent: !call.data,
    recipientAccountId: copy.account,
    ...(call.copies.length > 1 && { sharedEventID: call.id }),
    eventCategory: call.data ? 'Data' : 'Management',
    ...(call.caller.kind !== 'service' && {
      tlsDetails: {
        tlsVersion: 'TLSv1.3',
        cipherSuite: 'TLS_AES_128_GCM_SHA256',
        clientProvidedHostHeader: call.bucket
          ? `${call.bucket.name}.s3.${call.region}.amazonaws.com`
          : 'sts.us-east-1.amazonaws.com',
      },
    }),
  };
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
function identityOf(caller: Caller): Record<string, unknown> {
  switch (caller.kind) {
    case 'user':
      return {
        type: 'IAMUser',
        principalId: caller.user.id,
        arn: caller.user.arn,
        accountId: caller.user.account,
        accessKeyId: caller.accessKey,
        userName: caller.user.name,
      };
    case 'session': {
      const { role, name, accessKey, created } = caller.session;
      return {
        type: 'AssumedRole',
        principalId: `${role.id}:${name}`,
        arn: arnOf(caller),
        accountId: role.account,
        accessKeyId: accessKey,
        sessionContext: {
          sessionIssuer: {
            type: 'Role',
            principalId: role.id,
            arn: role.arn,
            accountId: role.account,
            userName: role.name,
          },
          attributes: { creationDate: iso(created), mfaAuthenticated: 'false' },
        },
      };
    }
    case 'web-identity':
      return {
        type: 'WebIdentityUser',
        principalId: `${caller.provider}:${caller.user}`,
        userName: caller.user,
        identityProvider: caller.provider,
      };
    case 'service':
      return { type: 'AWSService', invokedBy: caller.service };
    case 'anonymous':
      return { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' };
  }
}

function accountOnly(caller: Caller): Record<string, unknown> {
  return { type: 'AWSAccount', principalId: principalId(caller), accountId: accountOf(caller) };
}

/** The unique id of the one who signs, as CloudTrail writes it. */
export function principalId(caller: Caller): string {
  if (caller.kind === 'user') return caller.user.id;
  if (caller.kind === 'session') return `${caller.session.role.id}:${caller.session.name}`;
  return '';
}

function bucketRequest({ bucket, key, prefix, region, name }: Call): Record<string, unknown> {
  return {
    bucketName: bucket!.name,
    Host: `${bucket!.name}.s3.${region}.amazonaws.com`,
    ...(key !== undefined && { key }),
    ...(name === 'ListObjects' && { 'list-type': '2', prefix, 'max-keys': '1000', 'encoding-type': 'url' }),
    ...(name === 'GetBucketPolicy' && { policy: '' }),
  };
}

function roleRequest({ role, session, caller, name }: Call): Record<string, unknown> {
  return {
    roleArn: role!.arn,
    roleSessionName: session?.name ?? 'refused',
    ...(name === 'AssumeRole' && { durationSeconds: 3600 }),
    ...(name === 'AssumeRole' && caller.kind !== 'service' && { externalId: 'crossbucket-example' }),
  };
}

function roleResponse({ session, role }: Call): Record<string, unknown> | null {
  if (session === undefined) return null;
  return {
    credentials: {
      accessKeyId: session.accessKey,
      sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLETOKEN',
      expiration: iso(session.created + 3600),
    },
    assumedRoleUser: {
      assumedRoleId: `${role!.id}:${session.name}`,
      arn: `arn:aws:sts::${role!.account}:assumed-role/${role!.name}/${session.name}`,
    },
  };
}

function additional({ bytesIn, bytesOut, caller, id }: Call): Record<string, unknown> {
  return {
    ...(caller.kind !== 'anonymous' && {
      SignatureVersion: 'SigV4',
      CipherSuite: 'TLS_AES_128_GCM_SHA256',
      AuthenticationMethod: 'AuthHeader',
    }),
    bytesTransferredIn: bytesIn,
    bytesTransferredOut: bytesOut,
    'x-amz-id-2': `${id}${id}`.replaceAll('-', ''),
  };
}

function resourcesOf({ bucket, key, role }: Call): Record<string, unknown>[] {
  if (bucket === undefined) return [{ accountId: role!.account, type: 'AWS::IAM::Role', ARN: role!.arn }];
  const arn = `arn:aws:s3:::${bucket.name}`;
  return [
    ...(key === undefined ? [] : [{ type: 'AWS::S3::Object', ARN: `${arn}/${key}` }]),
    { accountId: bucket.owner, type: 'AWS::S3::Bucket', ARN: arn },
  ];
}
