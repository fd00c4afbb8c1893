import type { PolicyDocument, Statement } from '@crossbucket/policy';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyChanges } from './apply.ts';
import { canonicalText } from './canonical.ts';
import type { Change } from './change.ts';
import type { DocumentRef } from './document-ref.ts';
import type { Documents } from './documents.ts';
import { inverseEdits, mergeStatements } from './merge.ts';
import { mergedText } from './merge-text.ts';
import { ownedSid, readOwnedSid } from './owned-sid.ts';
import { rollBack } from './roll-back.ts';
import { stalePrincipals } from './stale-principals.ts';
import { diffStatements } from './statement-diff.ts';

const BUCKET: DocumentRef = {
  account: '222222222222',
  kind: 'bucket-policy',
  bucket: 'acme',
  region: 'us-east-1',
};

const name = fc.constantFrom('a', 'b', 'c', 'd');
const arn = name.map((one) => `arn:aws:iam::111111111111:role/${one}`);
const oneOrMany = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(value, fc.uniqueArray(value, { minLength: 1, maxLength: 3 }));
const statement: fc.Arbitrary<Statement> = fc.record(
  {
    Sid: name.map((one) => `Sid${one}`),
    Effect: fc.constantFrom('Allow' as const, 'Deny' as const),
    Principal: fc.oneof(
      fc.constant('*' as const),
      fc.record({ AWS: oneOrMany(fc.oneof(arn, fc.constant('111111111111'))) }),
    ),
    Action: oneOrMany(fc.constantFrom('s3:GetObject', 's3:PutObject', 's3:*')),
    Resource: oneOrMany(name.map((one) => `arn:aws:s3:::acme/${one}/*`)),
    Condition: fc.constantFrom<NonNullable<Statement['Condition']>>(
      { Bool: { 'aws:SecureTransport': 'true' } },
      { StringLike: { 's3:prefix': ['x/*', 'y/*'] }, IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
    ),
  },
  { requiredKeys: ['Effect', 'Principal', 'Action', 'Resource'] },
);
const document: fc.Arbitrary<PolicyDocument> = fc
  .array(statement, { minLength: 1, maxLength: 4 })
  .map((Statement) => ({ Version: '2012-10-17', Statement }));

/** What AWS may give back for what it was given. */
const respelt = (seed: number) => {
  let state = seed;
  const coin = () => (state = (state * 1103515245 + 12345) % 2 ** 31) % 2 === 0;
  const list = <T>(value: T | T[]): T | T[] => {
    const all = [value].flat() as T[];
    const turned = coin() ? all.toReversed() : all;
    return turned.length === 1 && coin() ? turned[0]! : turned;
  };
  return ({ Statement, ...rest }: PolicyDocument): PolicyDocument => {
    const all = [Statement].flat().map(({ Principal, Action, Resource, Condition, ...one }): Statement => ({
      ...(Condition && {
        Condition: Object.fromEntries(
          Object.entries(Condition)
            .toReversed()
            .map(([operator, block]) => [
              operator,
              Object.fromEntries(Object.entries(block).map(([key, values]) => [key, list(values)])),
            ]),
        ),
      }),
      Resource: list(Resource!),
      Action: list(Action!),
      Principal:
        Principal === '*'
          ? coin()
            ? '*'
            : { AWS: '*' }
          : {
              AWS: list(
                [(Principal as { AWS: string | string[] }).AWS]
                  .flat()
                  .map((one) => (one === '111111111111' && coin() ? 'arn:aws:iam::111111111111:root' : one)),
              ),
            },
      ...one,
    }));
    return { Statement: coin() ? all.toReversed() : all, ...rest };
  };
};

describe('canonical form', () => {
  test('does not depend on how AWS gives a document back', () => {
    fc.assert(
      fc.property(document, fc.nat(), (one, seed) => {
        const back = respelt(seed)(one);
        expect(canonicalText(back)).toBe(canonicalText(one));
        expect(diffStatements(one, back)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('tells documents apart whose statements differ', () => {
    fc.assert(
      fc.property(document, statement, (one, more) => {
        const grown = { ...one, Statement: [...[one.Statement].flat(), more] };
        expect(canonicalText(grown)).not.toBe(canonicalText(one));
      }),
    );
  });

  test('a unique id is the principal that has it, and nobody else', () => {
    const of = (principal: string): PolicyDocument => ({
      Statement: { Effect: 'Allow', Principal: { AWS: principal }, Action: 's3:*', Resource: '*' },
    });
    const ids = new Map([['AROAEXAMPLE', 'arn:aws:iam::111111111111:role/a']]);
    expect(canonicalText(of('AROAEXAMPLE'), ids)).toBe(
      canonicalText(of('arn:aws:iam::111111111111:role/a'), ids),
    );
    expect(canonicalText(of('AROAOTHER'), ids)).not.toBe(
      canonicalText(of('arn:aws:iam::111111111111:role/a'), ids),
    );
  });
});

const own = (grant: string, part = 'Objects', version = '00000000'): Statement => ({
  Sid: ownedSid(grant, part, owner(grant), version),
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::111111111111:role/r' },
  Action: 's3:GetObject',
  Resource: `arn:aws:s3:::acme/${grant}/*`,
});
const owner = (grant: string) =>
  grant
    .padEnd(8, '0')
    .replaceAll(/[^0-9a-f]/g, 'f')
    .slice(0, 8);

describe('merging', () => {
  test("never touches anybody else's statement, whatever it is", () => {
    fc.assert(
      fc.property(document, fc.array(statement, { maxLength: 2 }), (one, add) => {
        const mine = add.map((statement_, index) => ({ ...statement_, Sid: own('aa', `P${index}`).Sid! }));
        const merged = mergeStatements(one, { owners: [owner('aa')], add: mine })!;
        expect(merged.Statement).toEqual([...[one.Statement].flat(), ...mine]);
        expect(mergeStatements(merged, { owners: [owner('aa')], add: [] })).toEqual({
          ...one,
          Statement: [one.Statement].flat(),
        });
      }),
    );
  });

  test('what it took away comes back by the inverse', () => {
    fc.assert(
      fc.property(document, (foreign) => {
        const before = mergeStatements(foreign, { add: [own('aa'), own('bb')] })!;
        const edits = {
          owners: [owner('aa')],
          add: [own('aa', 'Objects', '11111111'), own('aa', 'List', '11111111')],
        };
        const after = mergeStatements(before, edits)!;
        const back = mergeStatements(after, inverseEdits(before, edits))!;
        expect(canonicalText(back)).toBe(canonicalText(before));
      }),
    );
  });

  test('a document without a statement left is none', () => {
    expect(mergeStatements({ Statement: own('aa') }, { owners: [owner('aa')], add: [] })).toBeNull();
    expect(mergeStatements(null, { add: [own('aa')] })).toEqual({
      Version: '2012-10-17',
      Statement: [own('aa')],
    });
  });

  test('Sids are letters and digits, and tell their grant and version', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,47}$/), (grant) => {
        const sid = ownedSid(grant, 'Objects', '0123abcd', '89efcdab');
        expect(sid).toMatch(/^[A-Za-z0-9]+$/);
        expect(readOwnedSid(sid)).toMatchObject({ owner: '0123abcd', version: '89efcdab' });
      }),
    );
    expect(readOwnedSid('CrossbucketSomebodyElses')).toBeUndefined();
  });
});

/** A bucket policy as S3 keeps it: whoever writes last has the whole document. Each call takes a time of its own. */
class SharedDocument implements Documents {
  text: string | null;
  readonly #delays: () => number;

  constructor(text: string | null, delays: () => number) {
    this.text = text;
    this.#delays = delays;
  }

  async read(): Promise<string | null> {
    await this.#wait();
    const { text } = this;
    await this.#wait();
    return text;
  }

  async write(_: DocumentRef, text: string | null): Promise<void> {
    await this.#wait();
    this.text = text;
    await this.#wait();
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, this.#delays());
    });
  }
}

test('several that apply at once, in every order of their calls: nobody loses a statement', async () => {
  const FOREIGN = { ...own('zz'), Sid: 'Foreign' };
  await fc.assert(
    fc.asyncProperty(
      fc.infiniteStream(fc.nat({ max: 4 })),
      fc.integer({ min: 2, max: 3 }),
      async (stream, count) => {
        const before = JSON.stringify({ Version: '2012-10-17', Statement: [FOREIGN] });
        const documents = new SharedDocument(before, () => Number(stream.next().value));
        const grants = ['aa', 'bb', 'cc'].slice(0, count);
        const reports = await Promise.all(
          grants.map((grant) => {
            const edits = { owners: [owner(grant)], add: [own(grant)] };
            const change: Change = { document: BUCKET, before, after: mergedText(before, edits), edits };
            return applyChanges([change], { documents, pace: { secondLook: 40, newPrincipal: 0, retry: 8 } });
          }),
        );
        expect(reports.map(({ error }) => error)).toEqual(grants.map(() => undefined));
        const { Statement } = JSON.parse(documents.text!) as { Statement: Statement[] };
        expect(Statement.map(({ Sid }) => Sid).toSorted()).toEqual(
          ['Foreign', ...grants.map((grant) => own(grant).Sid)].toSorted(),
        );
      },
    ),
    { numRuns: 20 },
  );
});

describe('a document that is to be written whole', () => {
  const [old, mine, theirs] = ['Old', 'Mine', 'Theirs'].map((Sid) =>
    JSON.stringify({ Statement: [{ ...own('aa'), Sid }] }),
  );
  const change: Change = { document: BUCKET, before: old!, after: mine! };
  const pace = { secondLook: 1, newPrincipal: 0, retry: 4 };

  test('does not go over what somebody else has written meanwhile', async () => {
    const documents = new SharedDocument(theirs!, () => 0);
    const { steps, error } = await applyChanges([change], { documents, pace });
    expect([steps[0]!.outcome, (error as { code?: string }).code]).toEqual(['failed', 'changed-since-plan']);
    expect(documents.text).toBe(theirs);
  });

  test('is rolled back to the letter, and around what others have added', async () => {
    const before = JSON.stringify(
      { Version: '2012-10-17', Statement: [{ ...own('zz'), Sid: 'Foreign' }, own('aa')] },
      null,
      3,
    );
    const edits = { owners: [owner('aa')], add: [own('aa', 'New')] };
    const granted: Change = { document: BUCKET, before, after: mergedText(before, edits), edits };
    const documents = new SharedDocument(before, () => 0);
    await applyChanges([granted], { documents, pace });
    expect(documents.text).toBe(granted.after);
    await rollBack([granted], { documents, pace });
    expect(documents.text).toBe(before);

    await applyChanges([granted], { documents, pace });
    documents.text = mergedText(documents.text, { add: [own('bb')] });
    await rollBack([granted], { documents, pace });
    const { Statement } = JSON.parse(documents.text!) as { Statement: Statement[] };
    expect(Statement.map(({ Sid }) => Sid)).toEqual(['Foreign', own('bb').Sid, own('aa').Sid]);
  });
});

test('a store that shows unique ids in place of ARNs has what was written', async () => {
  const id = 'AROAEXAMPLE12345';
  const arn = 'arn:aws:iam::111111111111:role/r';
  class Swapping extends SharedDocument {
    override async read(): Promise<string | null> {
      const text = await super.read();
      return text === null ? null : text.replaceAll(arn, id);
    }
  }
  const documents = new Swapping(null, () => 0);
  const edits = { owners: [owner('aa')], add: [own('aa')] };
  const change: Change = {
    document: BUCKET,
    before: null,
    after: mergedText(null, edits),
    edits,
    ids: { [id]: arn },
  };
  const pace = { secondLook: 1, newPrincipal: 0, retry: 4 };
  for (const outcome of ['written', 'already']) {
    const { steps, error } = await applyChanges([change], { documents, pace });
    expect([steps[0]!.outcome, error]).toEqual([outcome, undefined]);
  }
  expect(
    stalePrincipals(JSON.parse((await documents.read())!) as PolicyDocument, new Map([[id, arn]])),
  ).toEqual([]);
});
