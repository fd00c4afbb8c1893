import { type Way, BY_ROLE, DIRECT } from './way.ts';

/** The way through the network. */
export const NETWORK: readonly Way[] = [
  {
    name: 'the VPC endpoint is for another bucket',
    cause: 'vpc-endpoint-policy-missing-allow',
    part: 'endpoint',
    onPaper: true,
    breakIt: ({ call }) => {
      call.endpoint = 'vpce-narrow';
    },
  },
  {
    name: 'the VPC endpoint denies it',
    cause: 'vpc-endpoint-policy-explicit-deny',
    part: 'endpoint',
    onPaper: true,
    breakIt: ({ call }) => {
      call.endpoint = 'vpce-closed';
    },
  },
  {
    name: 'the VPC endpoint is for buckets of its own account',
    cause: 'vpc-endpoint-policy-missing-allow',
    part: 'endpoint',
    on: DIRECT,
    onPaper: true,
    breakIt: ({ call }) => {
      call.endpoint = 'vpce-own';
    },
  },
  {
    name: 'the VPC endpoint is for S3 alone',
    cause: 'vpc-endpoint-policy-missing-allow',
    part: 'endpoint',
    on: BY_ROLE,
    onPaper: true,
    breakIt: ({ call }) => {
      call.endpoint = 'vpce-storage';
    },
  },
];
