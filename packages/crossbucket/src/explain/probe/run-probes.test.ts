import { expect, test } from 'vitest';
import type { AccountConnection } from '../../accounts/index.ts';
import type { PathCall } from '../core/situation.ts';
import { runProbes } from './run-probes.ts';

test.each(['aws', 'aws-cn', 'aws-us-gov'])(
  'the session of a probe may do no more than the probes, on this bucket alone: partition %s',
  async (partition) => {
    const sent: { Policy?: string; DurationSeconds?: number }[] = [];
    const sts = {
      send: async ({ input }: { input: object }) => {
        sent.push(input);
        throw Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
      },
    };
    const connection = {
      caller: `arn:${partition}:iam::111111111111:user/service`,
      region: 'us-east-1',
      clients: { sts: async () => sts },
    } as unknown as AccountConnection;
    const RoleArn = `arn:${partition}:iam::222222222222:role/reader`;
    const calls = [
      { service: 'sts', operation: 'AssumeRole', input: { RoleArn } },
      { service: 's3', operation: 'GetObject', input: { Bucket: 'acme', Key: 'k' } },
    ] as unknown as PathCall[];
    const probes = await runProbes(connection, calls, true);
    expect(probes.map(({ call, answer }) => [call, answer])).toEqual([
      ['GetCallerIdentity', 'allowed'],
      ['AssumeRole', 'denied'],
    ]);
    expect(sent[0]!.DurationSeconds).toBe(900);
    expect(JSON.parse(sent[0]!.Policy!)).toMatchObject({
      Statement: [
        {
          Action: ['s3:ListBucket', 's3:GetObject', 's3:GetObjectVersion'],
          Resource: [`arn:${partition}:s3:::acme`, `arn:${partition}:s3:::acme/*`],
        },
        { Action: ['kms:Decrypt', 'sts:AssumeRole'] },
      ],
    });
  },
);
