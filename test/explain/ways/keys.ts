import type { Statement } from '@crossbucket/policy';
import { HOP, OUTSIDE, DATA, OBJECT_ARN, SERVICE, MANAGED_KEY } from '../setup.ts';
import { keyOf, worker, own, edit, add, drop, wanting, write } from './parts.ts';
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
  {
    name: 'the object is encrypted with a key that AWS manages',
    cause: 'kms-managed-key',
    part: 'object',
    on: DIRECT,
    unfixable: true,
    breakIt: ({ call }) => {
      call.input = { ...call.input, Key: MANAGED_KEY };
    },
  },
  {
    name: 'the key policy wants another encryption context',
    cause: 'kms-key-policy',
    part: 'key policy',
    on: DIRECT,
    breakIt: (setup, random) =>
      edit(
        keyOf(setup).policy.document,
        'Reports',
        random.pick([
          wanting('StringEquals', 'kms:EncryptionContext:aws:s3:arn', OBJECT_ARN),
          wanting('StringLike', 'kms:EncryptionContext:aws:s3:arn', 'arn:aws:s3:::acme-archive/*'),
          wanting('StringEquals', 'kms:CallerAccount', OUTSIDE),
          wanting('StringEquals', 'kms:EncryptionContext:team', 'reports'),
        ]),
      ),
  },
  {
    name: 'the grant of the key is gone',
    cause: 'kms-key-policy',
    part: 'key policy',
    on: DIRECT,
    breakIt: (setup) => drop(keyOf(setup).policy.document, 'Reports'),
  },
  {
    name: 'the grant of the key is for somebody else, or for another object',
    cause: 'kms-key-policy',
    part: 'key policy',
    on: DIRECT,
    breakIt: (setup, random) => {
      drop(keyOf(setup).policy.document, 'Reports');
      keyOf(setup).grants = [
        random.pick([
          { id: 'g', grantee: HOP, operations: ['Decrypt'] },
          { id: 'g', grantee: SERVICE, operations: ['DescribeKey'] },
          {
            id: 'g',
            grantee: SERVICE,
            operations: ['Decrypt'],
            contextEquals: { 'aws:s3:arn': 'arn:aws:s3:::acme-archive' },
          },
        ]),
      ];
    },
  },
  {
    name: 'the caller may use the key by its alias',
    cause: 'kms-identity-policy',
    part: 'own key',
    breakIt: (setup, random) =>
      edit(
        own(worker(setup)),
        'Key',
        random.pick<Partial<Statement>>([
          { Resource: `arn:aws:kms:us-east-1:${DATA}:alias/reports` },
          { Resource: keyOf(setup).arn.replace('us-east-1', 'eu-west-1') },
          { Condition: { StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } } },
          { Action: 'kms:GenerateDataKey*' },
          { Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/reports' } } },
        ]),
      ),
  },
  {
    name: 'the key policy lets objects be read and not written',
    cause: 'kms-key-policy',
    part: 'operation',
    on: ['bucket-policy'],
    breakIt: (setup) => {
      write(setup);
      edit(keyOf(setup).policy.document, 'Reports', { Action: 'kms:Decrypt' });
    },
  },
  {
    name: 'the caller may decrypt and not encrypt',
    cause: 'kms-identity-policy',
    part: 'operation',
    on: ['bucket-policy', 'role', 'chain'],
    breakIt: (setup) => {
      write(setup);
      edit(own(worker(setup)), 'Key', { Action: 'kms:Decrypt' });
    },
  },
  {
    name: 'the key policy denies all but other services',
    cause: 'kms-key-policy',
    part: 'key deny',
    breakIt: (setup) =>
      add(keyOf(setup).policy.document, {
        Sid: 'Broken',
        Effect: 'Deny',
        Principal: '*',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: '*',
        Condition: { StringNotEquals: { 'kms:ViaService': 'dynamodb.us-east-1.amazonaws.com' } },
      }),
  },
];
