import type { AccountSnapshot, PolicyDocument, Statement, World } from '@crossbucket/policy';
import { describe, expect, test } from 'vitest';
import type { Situation } from './core/situation.ts';
import { explainSituation } from './explain-situation.ts';
import { operationOf } from './question/operation.ts';
import { pathOf, type Route } from './question/path.ts';
import { parseTarget } from './question/target.ts';

const APP = '111111111111';
const DATA = '222222222222';
const NOW = '2026-06-01T12:00:00.000Z';
const SERVICE = `arn:aws:iam::${APP}:role/report-service`;
const READER = `arn:aws:iam::${DATA}:role/reports-reader`;
const OBJECT = 'arn:aws:s3:::acme-reports/reports/q1.csv';

const policy = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement });
const allow = (Action: string, Resource: string, more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});

function accounts(): { app: AccountSnapshot; data: AccountSnapshot } {
  const trust = policy({
    Effect: 'Allow',
    Principal: { AWS: SERVICE },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'sts:ExternalId': 'acme-7f3a' } },
  });
  return {
    app: {
      id: APP,
      principals: {
        [SERVICE]: {
          kind: 'role',
          arn: SERVICE,
          uniqueId: 'AROASERVICE',
          policies: [
            { name: 'assume', document: policy(allow('sts:AssumeRole', READER)) },
            { name: 'read', document: policy(allow('s3:GetObject', 'arn:aws:s3:::acme-reports/*')) },
          ],
        },
      },
      buckets: {},
      keys: {},
    },
    data: {
      id: DATA,
      principals: {
        [READER]: {
          kind: 'role',
          arn: READER,
          uniqueId: 'AROAREADER',
          policies: [
            { name: 'read', document: policy(allow('s3:GetObject', 'arn:aws:s3:::acme-reports/*')) },
          ],
          trust: { name: 'trust policy of reports-reader', document: trust },
          maxSessionDuration: 3600,
        },
      },
      buckets: {
        'acme-reports': {
          name: 'acme-reports',
          region: 'eu-west-1',
          ownership: 'BucketOwnerEnforced',
          policy: {
            name: 'bucket policy of acme-reports',
            document: policy(
              allow('s3:GetObject', 'arn:aws:s3:::acme-reports/reports/*', { Principal: { AWS: SERVICE } }),
            ),
          },
        },
      },
      keys: {},
    },
  };
}

function ask(world: World, route: Partial<Route> = {}, key = 'reports/q1.csv'): Situation {
  const operation = operationOf('s3:GetObject', parseTarget(`s3://acme-reports/${key}`));
  return {
    world,
    facts: { now: NOW },
    ...pathOf({ principal: SERVICE, via: [], operation, now: NOW, ...route }),
  };
}

const worldOf = ({ app, data }: ReturnType<typeof accounts>): World => ({
  accounts: { [APP]: app, [DATA]: data },
});
const viaRole = [{ roleArn: READER, input: { ExternalId: 'acme-7f3a' } }];

describe('a setup that works', () => {
  test.each([
    ['bucket-policy', []],
    ['role', viaRole],
  ])('by route %s', (_, via) => {
    const explanation = explainSituation(ask(worldOf(accounts()), { via }));
    expect(explanation).toMatchObject({ outcome: 'allow', causes: [], requires: [], partial: false });
  });
});

describe('a key that looks like a pattern', () => {
  const KEY = 'archive/*?${x}.csv';
  const LITERAL = 'arn:aws:s3:::acme-reports/archive/${*}${?}${$}{x}.csv';

  test('is allowed as it is, and nothing else with it', () => {
    const { causes } = explainSituation(ask(worldOf(accounts()), {}, KEY));
    const [fix] = causes[0]!.fixes;
    expect(fix).toMatchObject({
      outcome: 'allow',
      patch: { after: { Statement: [{}, { Resource: LITERAL }] } },
    });
  });

  test('is spared as it is, and nothing else with it', () => {
    const { app, data } = accounts();
    const deny: Statement = { Effect: 'Deny', Action: 's3:GetObject', Resource: '*' };
    data.principals[READER]!.policies.push({ name: 'no', document: policy(deny) });
    const { causes } = explainSituation(ask(worldOf({ app, data }), { via: viaRole }, KEY));
    expect(causes).toMatchObject([
      { fixes: [{ outcome: 'allow', patch: { after: { Statement: [{ NotResource: LITERAL }] } } }] },
    ]);
  });

  test('is not written into a document that takes variables for text', () => {
    const { app, data } = accounts();
    const { document } = data.buckets['acme-reports']!.policy!;
    delete document.Version;
    const { causes } = explainSituation(ask(worldOf({ app, data }), {}, KEY));
    expect(causes[0]!.fixes.filter(({ patch }) => JSON.stringify(patch)?.includes('archive/'))).toEqual([]);
  });
});

describe('what is missing', () => {
  test('in the bucket policy: the least statement comes first, proved, then as much as the other side allows', () => {
    const { app, data } = accounts();
    delete data.buckets['acme-reports']!.policy;
    const { outcome, causes } = explainSituation(ask(worldOf({ app, data })));
    expect(outcome).toBe('deny');
    expect(causes).toMatchObject([{ code: 'resource-policy-missing-allow', certain: true, account: DATA }]);
    const [exact, wider] = causes[0]!.fixes;
    expect(exact).toMatchObject({
      account: DATA,
      outcome: 'allow',
      also: '',
      document: { kind: 'bucket-policy', name: 'bucket policy of acme-reports' },
      patch: {
        before: null,
        after: {
          Statement: [
            { Effect: 'Allow', Principal: { AWS: SERVICE }, Action: 's3:GetObject', Resource: OBJECT },
          ],
        },
      },
    });
    expect(wider).toMatchObject({
      outcome: 'allow',
      patch: { after: { Statement: [{ Resource: 'arn:aws:s3:::acme-reports/*' }] } },
    });
  });

  test('the external id, where the question does not tell it', () => {
    const explanation = explainSituation(ask(worldOf(accounts()), { via: [{ roleArn: READER }] }));
    expect(explanation).toMatchObject({
      outcome: 'depends',
      requires: [{ key: 'sts:ExternalId', values: ['acme-7f3a'] }],
      causes: [
        {
          code: 'external-id-mismatch',
          certain: false,
          unless: ['`sts:ExternalId` is `acme-7f3a`'],
          fixes: [{ summary: 'pass ExternalId `acme-7f3a` when assuming the role', outcome: 'allow' }],
        },
      ],
    });
  });

  test('on both sides and of the key: all is told, in the order in which it would be met', () => {
    const { app, data } = accounts();
    app.principals[SERVICE]!.policies = [];
    data.principals[READER]!.trust!.document = policy({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${APP}:role/report-servise` },
      Action: 'sts:AssumeRole',
    });
    data.principals[READER]!.policies = [];
    const { causes } = explainSituation(ask(worldOf({ app, data }), { via: viaRole }));
    expect(causes.map(({ code, step }) => [step, code])).toEqual([
      [0, 'trust-policy-missing-allow'],
      [0, 'identity-policy-missing-allow'],
      [1, 'identity-policy-missing-allow'],
    ]);
    expect(causes.map(({ fixes }) => fixes.map(({ outcome, next }) => next ?? outcome))).toEqual([
      ['identity-policy-missing-allow', 'identity-policy-missing-allow'],
      ['trust-policy-missing-allow'],
      ['trust-policy-missing-allow'],
    ]);
  });
});
