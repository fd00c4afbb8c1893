import { type Way } from './way.ts';

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
];
