import type { Statement } from '@crossbucket/policy';
import { HOP, POINT, SERVICE, DATA } from '../setup.ts';
import { data, edit, add, deny } from './parts.ts';
import { type Way } from './way.ts';

/** The access point. */
export const ACCESS_POINTS: readonly Way[] = [
  {
    name: 'the access point has no policy',
    cause: 'access-point-policy-missing-allow',
    part: 'point',
    on: ['access-point'],
    breakIt: (setup) => {
      delete data(setup).accessPoints![POINT]!.policy;
    },
  },
  {
    name: 'the access point is about other keys, or for somebody else',
    cause: 'access-point-policy-missing-allow',
    part: 'point',
    on: ['access-point'],
    breakIt: (setup, random) =>
      edit(
        data(setup).accessPoints![POINT]!.policy!.document,
        'Reports',
        random.pick<Partial<Statement>>([
          { Resource: `${POINT}/object/archive/*` },
          { Principal: { AWS: HOP } },
          { Action: 's3:PutObject' },
        ]),
      ),
  },
  {
    name: 'the access point denies it',
    cause: 'access-point-policy-explicit-deny',
    part: 'point deny',
    on: ['access-point'],
    breakIt: (setup, random) =>
      add(
        data(setup).accessPoints![POINT]!.policy!.document,
        deny({
          Principal: random.pick<NonNullable<Statement['Principal']>>(['*', { AWS: SERVICE }]),
          Resource: `${POINT}/object/*`,
        }),
      ),
  },
  {
    name: 'the access point is about other keys by a slip',
    cause: 'access-point-policy-missing-allow',
    part: 'point',
    on: ['access-point'],
    breakIt: (setup, random) =>
      edit(data(setup).accessPoints![POINT]!.policy!.document, 'Reports', {
        Resource: random.pick([`${POINT}/object/Reports/*`, `${POINT}/object/reports`]),
      }),
  },
  {
    name: 'the access point denies all but others',
    cause: 'access-point-policy-explicit-deny',
    part: 'point deny',
    on: ['access-point'],
    breakIt: (setup, random) =>
      add(
        data(setup).accessPoints![POINT]!.policy!.document,
        deny({
          Principal: '*',
          Resource: `${POINT}/object/*`,
          Condition: random.pick<NonNullable<Statement['Condition']>>([
            { ArnNotEquals: { 'aws:PrincipalArn': HOP } },
            { StringNotEquals: { 'aws:PrincipalAccount': [DATA] } },
          ]),
        }),
      ),
  },
];
