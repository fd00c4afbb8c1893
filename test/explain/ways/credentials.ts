import { type Way } from './way.ts';

/** The credentials. */
export const CREDENTIALS: readonly Way[] = [
  {
    name: 'the session has expired',
    cause: 'credentials-expired',
    part: 'credentials',
    on: ['role'],
    evidence: true,
    unfixable: true,
    breakIt: ({ call, facts }) => {
      call.credentials = 'expired';
      facts.credentials = { code: 'credentials-expired', detail: 'the session has expired' };
    },
  },
  {
    name: 'the access key is not known',
    cause: 'credentials-invalid',
    part: 'credentials',
    evidence: true,
    unfixable: true,
    breakIt: ({ call, facts }) => {
      call.credentials = 'unknown-key';
      facts.credentials = { code: 'credentials-invalid', detail: 'AWS does not take the credentials' };
    },
  },
  {
    name: 'the secret key is wrong',
    cause: 'credentials-invalid',
    part: 'credentials',
    evidence: true,
    unfixable: true,
    breakIt: ({ call, facts }) => {
      call.credentials = 'wrong-secret';
      facts.credentials = { code: 'credentials-invalid', detail: 'AWS does not take the credentials' };
    },
  },
  {
    name: 'the clock is wrong',
    cause: 'clock-skew',
    part: 'credentials',
    evidence: true,
    unfixable: true,
    breakIt: ({ call, facts }) => {
      call.credentials = 'skewed';
      facts.credentials = { code: 'clock-skew', detail: 'the clock of the caller is wrong' };
    },
  },
  {
    name: 'the access key is turned off',
    cause: 'credentials-invalid',
    part: 'credentials',
    evidence: true,
    unfixable: true,
    breakIt: ({ call, facts }) => {
      call.credentials = 'inactive';
      facts.credentials = { code: 'credentials-invalid', detail: 'AWS does not take the credentials' };
    },
  },
  {
    name: 'the session token is left out',
    cause: 'credentials-invalid',
    part: 'credentials',
    on: ['role'],
    evidence: true,
    unfixable: true,
    breakIt: ({ call, facts }) => {
      call.credentials = 'no-token';
      facts.credentials = { code: 'credentials-invalid', detail: 'AWS does not take the credentials' };
    },
  },
];
