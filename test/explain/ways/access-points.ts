import { DATA, HOP, POINT, SERVICE } from '../setup.ts';
import { inPoint, pointDenies } from './breaks.ts';
import { data } from './parts.ts';
import { ways, type Way } from './way.ts';

/** The access point. */
export const ACCESS_POINTS: readonly Way[] = [
  ...ways(
    { cause: 'access-point-policy-missing-allow', part: 'point', on: ['access-point'] },
    {
      'the access point has no policy': (setup) => {
        delete data(setup).accessPoints![POINT]!.policy;
      },
      'the access point is about other keys, or for somebody else': inPoint(
        { Resource: `${POINT}/object/archive/*` },
        { Principal: { AWS: HOP } },
        { Action: 's3:PutObject' },
      ),
      'the access point is about other keys by a slip': inPoint(
        { Resource: `${POINT}/object/Reports/*` },
        { Resource: `${POINT}/object/reports` },
      ),
    },
  ),
  ...ways(
    { cause: 'access-point-policy-explicit-deny', part: 'point deny', on: ['access-point'] },
    {
      'the access point denies it': pointDenies({}, { Principal: { AWS: SERVICE } }),
      'the access point denies all but others': pointDenies(
        { Condition: { ArnNotEquals: { 'aws:PrincipalArn': HOP } } },
        { Condition: { StringNotEquals: { 'aws:PrincipalAccount': [DATA] } } },
      ),
    },
  ),
];
