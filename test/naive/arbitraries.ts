import type {
  AccessRequest,
  AclGrant,
  ContextValue,
  PolicySet,
  PublicAccessBlock,
} from '@crossbucket/policy';
import * as fc from 'fast-check';
import {
  ACTIONS,
  ACTION_PATTERNS,
  ALL,
  APP,
  CANONICAL,
  DATA,
  FITTING,
  KEYS,
  NAMES,
  ODDITIES,
  OTHER,
  POINT,
  PRINCIPALS,
  RESOURCES,
  RESOURCE_PATTERNS,
  ROLES,
  STRING,
} from './vocabulary.ts';

/**
 * Requests and policy sets from a small world, so that they meet: a few principals, actions and resources, the patterns that fit them, and those
 * that nearly do.
 */

/** The first of the values most often. */
const mostly = <T>(usual: T, ...rare: T[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });

const resourceFor = (action: string) =>
  fc.constantFrom(...RESOURCES.find(([pattern]) => pattern.test(action))![1]);

export const CONTEXT_KEYS: readonly string[] = Object.keys(KEYS);

/** Values that a key may turn out to have; undefined: the request has no such key. */
export const someValue = (key: string): fc.Arbitrary<ContextValue | undefined> =>
  fc.option(
    fc.oneof(fc.constantFrom(...KEYS[key]!.actual), fc.constantFrom(...KEYS[key]!.wanted.map(String))),
    { nil: undefined },
  );

const operatorFor = (key: string) =>
  fc
    .tuple(
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...(FITTING[key] ?? STRING)) },
        { weight: 1, arbitrary: fc.constantFrom(...ALL) },
      ),
      mostly('', 'IfExists'),
      mostly('', 'ForAllValues:', 'ForAnyValue:'),
    )
    .map(([name, suffix, prefix]) => `${prefix}${name}${suffix}`);

/** `Aws:` now and then: keys match in any case. */
const spelt = (key: string) => mostly(key, key.toUpperCase(), key.toLowerCase());

const condition = fc.constantFrom(...CONTEXT_KEYS).chain((key) =>
  fc.tuple(
    fc.oneof(
      { weight: 12, arbitrary: operatorFor(key) },
      { weight: 2, arbitrary: fc.constant('Null') },
      {
        weight: 1,
        arbitrary: fc.constantFrom('StringSort', 'NullIfExists', 'ForAllValues:Null', 'stringequals'),
      },
    ),
    spelt(key),
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...KEYS[key]!.wanted) },
      { weight: 4, arbitrary: fc.array(fc.constantFrom(...KEYS[key]!.wanted), { maxLength: 3 }) },
      { weight: 1, arbitrary: fc.constantFrom('true', 'false', true) },
    ),
  ),
);

const conditions = fc.array(condition, { maxLength: 2 }).map((list) => {
  const element: Record<string, Record<string, unknown>> = {};
  for (const [operator, key, values] of list) (element[operator] ??= {})[key] = values;
  return element;
});

const oneOrMany = (values: readonly string[]) =>
  fc.oneof(fc.constantFrom(...values), fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }));

const principalElement = fc.oneof(
  { weight: 3, arbitrary: oneOrMany(NAMES).map((AWS): unknown => ({ AWS })) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>('*', { AWS: '*' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      { Service: 'cloudtrail.amazonaws.com' },
      { Service: ['logging.s3.amazonaws.com', 's3.amazonaws.com'], AWS: APP },
      { Federated: `arn:aws:iam::${DATA}:oidc-provider/token.example.com` },
      { CanonicalUser: CANONICAL },
      { AWS: [APP, NAMES[0]!, NAMES[1]!, `arn:aws:iam::${APP}:role/service/reporter`] },
    ),
  },
);

function statement(hasPrincipals: boolean, effect: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .record({
      effect,
      action: fc.oneof(
        { weight: 5, arbitrary: oneOrMany(ACTION_PATTERNS) },
        { weight: 3, arbitrary: fc.constant('*') },
      ),
      resource: fc.oneof(
        { weight: 4, arbitrary: oneOrMany(RESOURCE_PATTERNS) },
        { weight: 3, arbitrary: fc.constant('*') },
      ),
      principal: principalElement,
      not: fc.tuple(mostly(false, true), mostly(false, true), mostly(false, true)),
      condition: fc.oneof(
        { weight: 3, arbitrary: fc.constant(undefined) },
        { weight: 3, arbitrary: conditions },
      ),
      odd: fc.oneof(
        { weight: 24, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.constantFrom(...ODDITIES) },
      ),
    })
    .map(
      ({
        effect,
        action,
        resource,
        principal,
        not: [notAction, notResource, notPrincipal],
        condition,
        odd,
      }) => ({
        Effect: effect,
        [notAction && effect === 'Deny' ? 'NotAction' : 'Action']: action,
        [notResource ? 'NotResource' : 'Resource']: resource,
        ...(hasPrincipals && { [notPrincipal ? 'NotPrincipal' : 'Principal']: principal }),
        ...(condition !== undefined && { Condition: condition }),
        ...odd,
      }),
    );
}

const version = mostly<string | undefined>('2012-10-17', '2008-10-17', undefined);

/** `asAttached`: trust policies name no resource. */
export function document(hasPrincipals: boolean): fc.Arbitrary<PolicyDocumentLike> {
  const effect = fc.oneof(
    { weight: 3, arbitrary: fc.constant('Allow') },
    { weight: 1, arbitrary: fc.constant('Deny') },
  );
  return fc
    .record({
      Version: version,
      statements: fc.array(statement(hasPrincipals, effect), { minLength: 1, maxLength: 3 }),
      leaveOutResource: mostly(false, true),
    })
    .map(({ Version, statements, leaveOutResource }) => ({
      ...(Version !== undefined && { Version }),
      Statement: leaveOutResource && hasPrincipals ? statements.map(withoutResource) : statements,
    })) as fc.Arbitrary<PolicyDocumentLike>;
}

type PolicyDocumentLike = NonNullable<Extract<PolicySet['boundary'], { Statement: unknown }>>;

function withoutResource(statement: unknown): unknown {
  const { Resource: _resource, NotResource: _notResource, ...rest } = statement as Record<string, unknown>;
  return rest;
}

const open = (hasPrincipals: boolean): PolicyDocumentLike => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: '*', Resource: '*', ...(hasPrincipals && { Principal: '*' as const }) },
  ],
});

/** A layer that lets everything pass as often as not, so that the others get to decide. */
const layer = (hasPrincipals: boolean) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(open(hasPrincipals)) },
    { weight: 3, arbitrary: document(hasPrincipals) },
  );

const plain = layer(false);
const naming = layer(true);

const aclGrant: fc.Arbitrary<AclGrant> = fc.record({
  grantee: fc.constantFrom<AclGrant['grantee']>(
    { account: APP },
    { account: DATA },
    { canonicalUser: CANONICAL },
    { group: 'AllUsers' },
    { group: 'AuthenticatedUsers' },
    { group: 'LogDelivery' },
  ),
  permission: fc.constantFrom('FULL_CONTROL', 'READ', 'WRITE', 'READ_ACP', 'WRITE_ACP'),
});

const publicAccessBlock: fc.Arbitrary<PublicAccessBlock> = fc.record(
  { BlockPublicAcls: fc.boolean(), IgnorePublicAcls: fc.boolean(), RestrictPublicBuckets: fc.boolean() },
  { requiredKeys: [] },
);

/** Undefined three times in four. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

export const policySet: fc.Arbitrary<PolicySet> = fc
  .record({
    identity: fc.option(fc.array(plain, { maxLength: 2 }), { nil: undefined, freq: 4 }),
    resource: fc.option(naming, { nil: undefined, freq: 4 }),
    boundary: seldom(plain),
    session: seldom(fc.array(plain, { minLength: 1, maxLength: 2 })),
    serviceControl: seldom(fc.array(fc.array(plain, { maxLength: 2 }), { maxLength: 2 })),
    resourceControl: seldom(fc.array(fc.array(naming, { maxLength: 2 }), { maxLength: 2 })),
    vpcEndpoint: seldom(naming),
    accessPoint: seldom(naming),
    acl: seldom(fc.array(aclGrant, { maxLength: 3 })),
    publicAccessBlock: seldom(publicAccessBlock),
  })
  .map((policies) => withoutUndefined<PolicySet>(policies));

const context = fc
  .array(
    fc
      .constantFrom(...CONTEXT_KEYS)
      .chain((key) => fc.tuple(spelt(key), fc.constantFrom(...KEYS[key]!.actual))),
    { maxLength: 5 },
  )
  .map((entries) => {
    // One spelling of a key a request.
    const byKey = new Map(entries.map(([key, value]) => [key.toLowerCase(), [key, value] as const]));
    return Object.fromEntries(byKey.values());
  });

export const request: fc.Arbitrary<AccessRequest> = fc
  .oneof(
    { weight: 3, arbitrary: fc.constant('s3:GetObject') },
    { weight: 5, arbitrary: fc.constantFrom(...ACTIONS) },
  )
  .chain((action) =>
    fc.record({
      principal: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...PRINCIPALS.slice(0, 5)) },
        { weight: 2, arbitrary: fc.constantFrom(...PRINCIPALS) },
      ),
      action: mostly(action, action.toUpperCase()),
      resource: resourceFor(action),
      resourceAccount: fc.option(fc.constantFrom(DATA, APP), { nil: undefined, freq: 6 }),
      objectOwner: seldom(fc.constantFrom(APP, DATA, OTHER)),
      accessPoint: seldom(fc.constant(POINT)),
      canonicalUser: seldom(fc.constant(CANONICAL)),
      roleArn: seldom(fc.constantFrom(...ROLES)),
      uniqueId: seldom(fc.constantFrom('AROAEXAMPLEID', 'AIDAEXAMPLEID')),
      federatedBy: seldom(fc.constant(PRINCIPALS[0]!)),
      managementAccounts: seldom(fc.constantFrom<string[]>([APP], [DATA], [])),
      context: rarelyAbsent(context),
    }),
  )
  .map((made) => withoutUndefined<AccessRequest>(made));

function rarelyAbsent<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 5 });
}

function withoutUndefined<T extends object>(record: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}

/** A document for any layer: what its statements may not name there is unusual, and no less a document. */
export const someLayer = fc.oneof(plain, naming);
