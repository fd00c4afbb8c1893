import type { AccessRequest, PolicyDocument, PolicyInput, PolicySet, Statement } from '@crossbucket/policy';
import { authorize, compile, statementsOf } from '@crossbucket/policy';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { document, policySet, request } from './naive/arbitraries.ts';

const RUNS = { numRuns: 1000 };
const LISTS = ['identity', 'session'] as const;
const SINGLES = ['boundary', 'resource', 'accessPoint', 'vpcEndpoint'] as const;
const LEVELS = ['serviceControl', 'resourceControl'] as const;

/** Changes every document of a set. */
function mapDocuments(policies: PolicySet, change: (document: PolicyDocument) => PolicyDocument): PolicySet {
  const input = (policy: PolicyInput): PolicyInput =>
    'document' in policy ? { ...policy, document: change(policy.document) } : change(policy);
  const changed: PolicySet = { ...policies };
  for (const name of LISTS) if (policies[name]) changed[name] = policies[name].map(input);
  for (const name of SINGLES) if (policies[name]) changed[name] = input(policies[name]);
  for (const name of LEVELS)
    if (policies[name]) changed[name] = policies[name].map((level) => level.map(input));
  return changed;
}

const withStatements = (change: (statements: Statement[]) => Statement[]) => (policy: PolicyDocument) => ({
  ...policy,
  Statement: change(statementsOf(policy)),
});

const deny = document(true).map((made) =>
  statementsOf(made).map((one): Statement => ({ ...one, Effect: 'Deny' })),
);

test('adding a Deny never allows more', () => {
  fc.assert(
    fc.property(request, policySet, deny, (made, policies, denies) => {
      const before = authorize(made, policies).outcome;
      const more = mapDocuments(
        policies,
        withStatements((statements) => [...statements, ...denies]),
      );
      if (before === 'deny') expect(authorize(made, more).outcome).toBe('deny');
    }),
    RUNS,
  );
});

test('the order of statements, policies and conditions does not matter', () => {
  fc.assert(
    fc.property(request, policySet, (made, policies) => {
      const reversed = mapDocuments(
        policies,
        withStatements((statements) => statements.toReversed().map(withReversedConditions)),
      );
      for (const name of LISTS) if (reversed[name]) reversed[name] = reversed[name].toReversed();
      for (const name of LEVELS) {
        if (reversed[name]) reversed[name] = reversed[name].map((level) => level.toReversed()).toReversed();
      }
      const seen = ({ outcome, layers }: ReturnType<typeof authorize>) => ({
        outcome,
        layers: layers.map(({ layer, verdict }) => ({ layer, verdict })),
      });
      expect(seen(authorize(made, reversed))).toEqual(seen(authorize(made, policies)));
    }),
    RUNS,
  );
});

function withReversedConditions(statement: Statement): Statement {
  const { Condition: condition } = statement;
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition)) return statement;
  const reversed = Object.entries(condition)
    .toReversed()
    .map(([operator, block]) => [operator, block]);
  return { ...statement, Condition: Object.fromEntries(reversed) };
}

const isRoot = ({ principal }: AccessRequest) => /^\d{12}$|:root$/.test(principal);
const isFree = ({ action }: AccessRequest) => /^sts:get(calleridentity|sessiontoken)$/i.test(action);

test('with no Allow anywhere, nothing is allowed', () => {
  fc.assert(
    fc.property(
      request.filter((made) => !isRoot(made) && !isFree(made)),
      policySet,
      (made, { acl: _acl, ...policies }) => {
        const without = mapDocuments(
          policies,
          withStatements((statements) => statements.filter(({ Effect: effect }) => effect !== 'Allow')),
        );
        expect(authorize(made, without).outcome).toBe('deny');
      },
    ),
    RUNS,
  );
});

test('across accounts, neither side alone allows', () => {
  const principals = [
    'arn:aws:iam::111111111111:user/alice',
    'arn:aws:sts::111111111111:assumed-role/reporter/run-1',
  ];
  const crossing = fc
    .tuple(request, fc.constantFrom(...principals))
    .filter(([made]) => !isFree(made))
    .map(([{ objectOwner: _owner, ...made }, principal]) => ({
      ...made,
      principal,
      resourceAccount: '222222222222',
    }));
  fc.assert(
    fc.property(crossing, policySet, (made, policies) => {
      expect(authorize(made, { ...policies, identity: [] }).outcome).toBe('deny');
      const { resource: _resource, acl: _acl, ...rest } = policies;
      expect(authorize(made, rest).outcome).toBe('deny');
    }),
    RUNS,
  );
});

test('a decision tells its causes, and only a denial has any', () => {
  fc.assert(
    fc.property(request, policySet, (made, policies) => {
      const decision = authorize(made, policies);
      expect(decision.causes.length > 0).toBe(decision.outcome === 'deny');
      expect(decision.requires).toEqual([]);
      expect(decision.reason).toMatch(/^[^\n]+\.$/);
      expect(JSON.parse(JSON.stringify(decision))).toEqual(decision);
      for (const { verdict, nearestMisses } of decision.layers) {
        if (verdict !== 'none') expect(nearestMisses).toEqual([]);
      }
    }),
    RUNS,
  );
});

test('policies that decide many requests decide each as if it were the first', () => {
  fc.assert(
    fc.property(fc.array(request, { minLength: 2, maxLength: 5 }), policySet, (requests, policies) => {
      const compiled = compile(policies);
      for (const made of [...requests, ...requests]) {
        expect(compiled.authorize(made)).toEqual(authorize(made, policies));
      }
    }),
    { numRuns: 300 },
  );
});
