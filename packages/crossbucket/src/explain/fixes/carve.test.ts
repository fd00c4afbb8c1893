import { authorize, type AccessRequest, type Statement } from '@crossbucket/policy';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { carve } from './carve.ts';

const BUCKET = 'arn:aws:s3:::acme';
const principals = ['role/a', 'role/b', 'user/c'].map((name) => `arn:aws:iam::111111111111:${name}`);
const actions = ['s3:GetObject', 's3:GetObjectAcl', 's3:PutObject', 's3:ListBucket', 's3:DeleteObject'];
const resources = [BUCKET, `${BUCKET}/a/1`, `${BUCKET}/a/2`, `${BUCKET}/b`];

const some = (values: readonly string[]) => fc.subarray([...values], { minLength: 1 });
const element = (name: string, values: fc.Arbitrary<string[]>) => values.map((list) => ({ [name]: list }));

const statement: fc.Arbitrary<Statement> = fc
  .tuple(
    fc.oneof(
      fc.constant({ Principal: '*' as const }),
      some([...principals, '111111111111']).map((AWS) => ({ Principal: { AWS } })),
    ),
    fc.oneof(
      element('Action', some([...actions, 's3:*', 's3:Get*', '*'])),
      element('NotAction', some(actions)),
    ),
    fc.oneof(
      element('Resource', some([...resources, `${BUCKET}/*`, `${BUCKET}/a/*`, '*'])),
      element('NotResource', some(resources)),
    ),
    fc.option(
      fc.constantFrom<NonNullable<Statement['Condition']>>(
        { ArnNotEquals: { 'aws:PrincipalArn': principals[1]! } },
        { ArnEquals: { 'aws:PrincipalArn': principals } },
        { StringNotLike: { 'aws:principalarn': 'arn:aws:iam::333333333333:*' } },
      ),
      { nil: undefined },
    ),
  )
  .map(([who, what, where, Condition]) => ({
    Sid: 'No',
    Effect: 'Deny',
    ...who,
    ...what,
    ...where,
    ...(Condition && { Condition }),
  }));

const every: AccessRequest[] = principals.flatMap((principal) =>
  actions.flatMap((action) =>
    resources
      .filter((resource) => (action === 's3:ListBucket') === (resource === BUCKET))
      .map((resource) => ({ principal, action, resource, resourceAccount: '111111111111' })),
  ),
);

const ALLOW_ALL = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow' as const, Action: '*', Resource: '*' },
};

const isDenied = (statements: Statement[], request: AccessRequest): boolean =>
  statements.length > 0 &&
  authorize(request, { identity: [ALLOW_ALL], resource: { Version: '2012-10-17', Statement: statements } })
    .outcome !== 'allow';

test('spares the one request, denies nothing else than before, and of the rest as much as it says', () => {
  fc.assert(
    fc.property(statement, fc.constantFrom(...every), (deny, wanted) => {
      fc.pre(isDenied([deny], wanted));
      const { principal, action, resource } = wanted;
      const carved = carve(deny, { principal, action, resource, onlyS3: true });
      expect(isDenied(carved.statements, wanted)).toBe(false);
      const { everyAction, everyResource, everybody } = carved.spared;
      for (const request of every) {
        if (request === wanted) continue;
        const [before, after] = [isDenied([deny], request), isDenied(carved.statements, request)];
        if (!before) expect(after).toBe(false);
        const isSaid =
          (everybody || request.principal === principal) &&
          (everyAction || request.action === action) &&
          (everyResource || request.resource === resource || (everyAction && everyResource));
        if (before && !isSaid) expect({ request, after }).toEqual({ request, after: true });
      }
    }),
    { numRuns: 200 },
  );
});
