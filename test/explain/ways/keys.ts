import type { Statement } from '@crossbucket/policy';
import { HOP, OUTSIDE } from '../setup.ts';
import { keyOf, worker, own, edit, add } from './parts.ts';
import { DIRECT, BY_ROLE, type Way } from './way.ts';

/** The key. */
export const KEYS: readonly Way[] = [
  {
    name: 'the key policy does not name the caller',
    cause: 'kms-key-policy',
    part: 'key policy',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(
        keyOf(setup).policy.document,
        'Reports',
        random.pick<Partial<Statement>>([
          { Principal: { AWS: HOP } },
          { Action: 'kms:DescribeKey' },
          { Condition: { StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } } },
        ]),
      ),
  },
  {
    name: 'the key policy no longer leaves it to the account',
    cause: 'kms-key-policy',
    part: 'key policy',
    on: BY_ROLE,
    breakIt: (setup) =>
      edit(keyOf(setup).policy.document, 'Delegate', {
        Action: [
          'kms:Describe*',
          'kms:Get*',
          'kms:List*',
          'kms:Put*',
          'kms:Enable*',
          'kms:Disable*',
          'kms:Schedule*',
          'kms:Cancel*',
          'kms:GenerateDataKey',
        ],
      }),
  },
  {
    name: 'the key policy denies it',
    cause: 'kms-key-policy',
    part: 'key deny',
    breakIt: (setup, random) =>
      add(keyOf(setup).policy.document, {
        Sid: 'Broken',
        Effect: 'Deny',
        Principal: random.pick<NonNullable<Statement['Principal']>>(['*', { AWS: worker(setup).arn }]),
        Action: ['kms:Decrypt'],
        Resource: '*',
      }),
  },
  {
    name: 'the caller may not use the key',
    cause: 'kms-identity-policy',
    part: 'own key',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(
        own(worker(setup)),
        'Key',
        random.pick<Partial<Statement>>([
          { Action: 'kms:DescribeKey' },
          { Resource: `arn:aws:kms:us-east-1:${OUTSIDE}:key/*` },
        ]),
      ),
  },
  {
    name: 'the key is disabled',
    cause: 'kms-key-unavailable',
    part: 'key state',
    breakIt: (setup) => {
      keyOf(setup).state = 'Disabled';
    },
  },
  {
    name: 'the key is to be deleted',
    cause: 'kms-key-unavailable',
    part: 'key state',
    breakIt: (setup) => {
      keyOf(setup).state = 'PendingDeletion';
    },
  },
];
