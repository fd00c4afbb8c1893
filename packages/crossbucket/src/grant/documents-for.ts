import {
  accessStatements,
  authorize,
  keyUses,
  type PolicyDocument,
  type Statement,
} from '@crossbucket/policy';
import { mergeStatements } from '../changes/merge.ts';
import { ownedSid } from '../changes/owned-sid.ts';
import { SECURE, single, specConditions, withConditions } from './conditions.ts';
import { bucketArn, type GrantFacts, type KeyFacts, type SourcePrincipal } from './facts.ts';

/** Every document of a grant, in both accounts. */
export interface GrantDocuments {
  /** Statements for the trust policy of the role. */
  trust: Statement[];
  /** What the role may do. */
  rolePolicy: PolicyDocument | undefined;
  /** Statements for the bucket policy. */
  bucket: Statement[];
  /** Statements for key policies, by key ARN. */
  keys: { key: KeyFacts; statements: Statement[] }[];
  /** What the principals of the source may do. */
  source: { principal: SourcePrincipal; document: PolicyDocument }[];
  /** Why documents are there, or are not. */
  reasons: string[];
}

/** Works out a grant's documents, the least that works. */
export function documentsFor(facts: GrantFacts): GrantDocuments {
  return facts.route === 'role' ? byRole(facts) : byBucketPolicy(facts);
}

function byRole(facts: GrantFacts): GrantDocuments {
  const { role, spec, principals } = facts;
  // https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
  const assuming = spec.role?.sessionTags === true ? ['sts:AssumeRole', 'sts:TagSession'] : 'sts:AssumeRole';
  const trust = withConditions(
    {
      Sid: sid(facts, 'Trust'),
      Effect: 'Allow',
      Principal: { AWS: grantees(facts) },
      Action: assuming,
    },
    facts.externalId === undefined ? {} : { StringEquals: { 'sts:ExternalId': facts.externalId } },
    specConditions(spec.conditions),
  );
  const rolePolicyFor = (keys: readonly KeyFacts[]): PolicyDocument =>
    document(
      numbered(facts, [
        ...accessStatements(spec.access, bucketArn(facts)).map((statement) =>
          withConditions(statement, SECURE),
        ),
        ...keys.flatMap((key) => keyIdentityStatements(facts, key)),
      ]),
    );
  const everywhere = rolePolicyFor(facts.keys);
  const own = facts.keys.filter((key) => !isDelegated(facts, key, everywhere));
  // A key policy of the same account that names the role is enough, as is one that leaves it to the role's policy.
  const rolePolicy = rolePolicyFor(
    facts.keys.filter((key) => !own.includes(key) || key.account !== facts.destination),
  );
  const keys = own.map((key) => ({ key, statements: keyPolicyStatements(facts, key, [role.arn]) }));
  const assume = document([
    { Sid: sid(facts, 'Assume'), Effect: 'Allow', Action: assuming, Resource: role.arn },
  ]);
  return {
    trust: [trust],
    rolePolicy,
    bucket: [],
    keys,
    source: principals.map((principal) => ({ principal, document: assume })),
    reasons: [
      `the bucket policy stays as it is: the role belongs to account ${facts.destination}, as the bucket does, and its own policy is enough`,
      ...facts.keys
        .filter(({ arn }) => !keys.some(({ key }) => key.arn === arn))
        .map(
          ({ arn }) =>
            `the policy of key ${arn} stays as it is: it leaves the decision to policies of its account, and so to the role's`,
        ),
      ...(principals.length === 0
        ? [
            `nothing changes in account ${facts.source}: the grant is for whoever that account lets assume the role`,
          ]
        : []),
    ],
  };
}

function byBucketPolicy(facts: GrantFacts): GrantDocuments {
  const { spec, principals } = facts;
  const statements = accessStatements(spec.access, bucketArn(facts));
  const bucket = numbered(
    facts,
    statements.map((statement) =>
      withConditions(named(statement, grantees(facts)), SECURE, specConditions(spec.conditions)),
    ),
  );
  const identity = document(
    numbered(facts, [...statements, ...facts.keys.flatMap((key) => keyIdentityStatements(facts, key))]),
  );
  const names = [grantees(facts)].flat();
  return {
    trust: [],
    rolePolicy: undefined,
    bucket,
    keys: facts.keys
      .map((key) => ({ key, statements: keyPolicyStatements(facts, key, names) }))
      .filter(({ statements: needed }) => needed.length > 0),
    source: principals.map((principal) => ({ principal, document: identity })),
    reasons:
      principals.length === 0
        ? [
            `nothing changes in account ${facts.source}: the grant is for whoever that account lets use the bucket`,
          ]
        : [],
  };
}

/** The principals by name, or the account that decides itself. */
function grantees({ principals, partition, source }: GrantFacts): string | string[] {
  if (principals.length === 0) return `arn:${partition}:iam::${source}:root`;
  return single(principals.map(({ arn }) => arn));
}

/** S3 asks KMS in the caller's name, with the object or the bucket as context. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html */
function keyStatements(facts: GrantFacts, resource: string, key: KeyFacts): Statement[] {
  const region = key.arn.split(':')[3]!;
  const suffix = facts.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return keyUses(facts.spec.access, bucketArn(facts)).map(({ actions, contexts }) => ({
    Effect: 'Allow',
    Action: single(actions),
    Resource: resource,
    Condition: {
      StringEquals: { 'kms:ViaService': `s3.${region}.${suffix}` },
      StringLike: { 'kms:EncryptionContext:aws:s3:arn': single(contexts) },
    },
  }));
}

const keyIdentityStatements = (facts: GrantFacts, key: KeyFacts): Statement[] =>
  keyStatements(facts, key.arn, key);

const keyPolicyStatements = (facts: GrantFacts, key: KeyFacts, principals: string[]): Statement[] =>
  keyStatements(facts, '*', key).map((statement, index) => ({
    Sid: sid(facts, index === 0 ? 'Key' : `Key${index + 1}`),
    ...named(statement, single(principals)),
  }));

/** Whether the key's policy leaves the role's account to decide, so that the role's own policy is enough. */
function isDelegated(
  facts: GrantFacts,
  { account, snapshot, arn }: KeyFacts,
  rolePolicy: PolicyDocument,
): boolean {
  if (account !== facts.destination || snapshot === undefined) return false;
  const resource = mergeStatements(snapshot.policy.document, { owners: [facts.owner], add: [] });
  if (resource === null) return false;
  return keyUses(facts.spec.access, bucketArn(facts)).every(({ actions, contexts }) =>
    actions.every((action) => {
      const region = arn.split(':')[3]!;
      const context = {
        'kms:ViaService': `s3.${region}.${facts.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'}`,
        'kms:CallerAccount': facts.destination,
        'kms:EncryptionContext:aws:s3:arn': contexts[0]!,
      };
      const request = { principal: facts.role.arn, action, resource: arn, resourceAccount: account, context };
      return authorize(request, { identity: [rolePolicy], resource }).outcome === 'allow';
    }),
  );
}

/** The statement for these principals, in the order in which AWS writes elements. */
function named({ Effect, ...rest }: Statement, principals: string | string[]): Statement {
  return { Effect, Principal: { AWS: principals }, ...rest };
}

const sid = ({ spec, owner, version }: GrantFacts, part: string): string =>
  ownedSid(spec.name, part, owner, version);

/** Each statement with a Sid that says what it is for. */
function numbered(facts: GrantFacts, statements: readonly Statement[]): Statement[] {
  const seen = new Map<string, number>();
  return statements.map((statement) => {
    const part = partOf(statement);
    const count = (seen.get(part) ?? 0) + 1;
    seen.set(part, count);
    return { Sid: sid(facts, count === 1 ? part : `${part}${count}`), ...statement };
  });
}

function partOf({ Action = [], Resource = [] }: Statement): string {
  const actions = [Action].flat();
  if (actions.some((action) => action.startsWith('kms:'))) return 'Key';
  if (actions.some((action) => action.startsWith('s3:ListBucket'))) return 'List';
  return [Resource].flat().some((resource) => resource.includes('/')) ? 'Objects' : 'Bucket';
}

const document = (statements: Statement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
});
