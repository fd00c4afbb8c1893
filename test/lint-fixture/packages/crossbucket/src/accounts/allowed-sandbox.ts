import { startSandbox } from '@crossbucket/sandbox';
export const start = startSandbox;
