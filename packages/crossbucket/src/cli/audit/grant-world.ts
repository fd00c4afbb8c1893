import type { PolicyDocument, World } from '@crossbucket/policy';
import { documentsFor, factsOf, type GrantDocuments } from '../../grant/index.ts';
import type { GrantSpec, Spec } from '../../spec/index.ts';

/** What a grant makes, and both accounts with that and nothing else: what it allows, it allows alone. */
export interface GrantWorld {
  documents: GrantDocuments;
  world: World;
  /** ARN of the role, by that route. */
  role: string | undefined;
}

/** @param grant Its conditions are left out where calls are to be decided whose network and second factor nobody knows. */
export function worldOfGrant(spec: Spec, grant: GrantSpec): GrantWorld {
  const facts = factsOf(spec, grant);
  const documents = documentsFor(facts);
  const { source, destination, bucket, region, role, principals, route } = facts;
  const callers = principals.map(({ arn, kind }) => ({
    kind,
    arn,
    uniqueId: kind === 'role' ? 'AROA' : 'AIDA',
    policies: documents.source
      .filter(({ principal }) => principal.arn === arn)
      .map(({ document }) => ({ name: 'grant', document })),
  }));
  const { rolePolicy, trust, bucket: statements } = documents;
  return {
    documents,
    role: route === 'role' ? role.arn : undefined,
    world: {
      accounts: {
        [source]: {
          id: source,
          principals: Object.fromEntries(callers.map((caller) => [caller.arn, caller])),
          buckets: {},
          keys: {},
        },
        [destination]: {
          id: destination,
          principals:
            rolePolicy === undefined
              ? {}
              : {
                  [role.arn]: {
                    kind: 'role',
                    arn: role.arn,
                    uniqueId: 'AROA',
                    policies: [{ name: 'grant', document: rolePolicy }],
                    trust: { name: 'trust', document: documentOf(trust) },
                  },
                },
          buckets: {
            [bucket]: {
              name: bucket,
              region,
              ownership: 'BucketOwnerEnforced',
              ...(statements.length > 0 && { policy: { name: bucket, document: documentOf(statements) } }),
            },
          },
          keys: {},
        },
      },
    },
  };
}

export const documentOf = (Statement: PolicyDocument['Statement']): PolicyDocument => ({
  Version: '2012-10-17',
  Statement,
});
