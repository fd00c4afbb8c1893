import { channel } from 'node:diagnostics_channel';

/** What went wrong inside: the client is told nothing of it, whoever runs the sandbox must be. */
export const internalErrors = channel('crossbucket:sandbox:internal-error');
