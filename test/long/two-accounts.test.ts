import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { vi } from 'vitest';
import { describeTwoAccounts } from '../aws/suite.ts';

const ALL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

let aws: Sandbox;
describeTwoAccounts(
  async () => {
    aws = await startSandbox({
      accounts: [
        { id: '111111111111', name: 'app', users: [{ name: 'admin', policies: { all: ALL } }] },
        { id: '222222222222', name: 'data', users: [{ name: 'admin', policies: { all: ALL } }] },
      ],
    });
    vi.stubEnv('AWS_CONFIG_FILE', aws.profiles);
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', aws.credentialsFile);
    return { source: 'app-admin', destination: 'data-admin' };
  },
  async () => {
    vi.unstubAllEnvs();
    await aws.close();
  },
  ['--settle', '0.05'],
);
