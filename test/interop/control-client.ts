import { Agent } from 'node:http';
import { S3ControlClient } from '@aws-sdk/client-s3-control';
import type { Sandbox } from '@crossbucket/sandbox';
import type { Identity } from './clients.ts';

/** S3 Control puts the account's id before the host: `222222222222.localhost`, which not every resolver knows. */
const loopback = new Agent({ lookup: (_, __, found) => found(null, [{ address: '127.0.0.1', family: 4 }]) });

export const controlClient = (aws: Sandbox, credentials: Identity): S3ControlClient =>
  new S3ControlClient({
    region: 'us-east-1',
    endpoint: aws.endpoint.replace('127.0.0.1', 'localhost'),
    credentials,
    maxAttempts: 1,
    requestHandler: { httpAgent: loopback },
  });
