import { isPublicPolicy, statementsOf, type PolicyDocument, type Statement } from '@crossbucket/policy';
import { documentsOf } from '../core/place.ts';
import { withStatement } from '../core/edit.ts';
import { mendMissingAllow } from './missing-allow.ts';
import { withoutAcl } from './of-buckets.ts';
import { advice, callProposal, documentProposal, type Case, type Proposal } from './proposal.ts';
import { exactStatement } from './statement-parts.ts';

/** Block Public Access stays as it is: what is public is narrowed. */
export function mendPublicAccess(about: Case): Proposal[] {
  const { call, cause } = about;
  if (call.input['Policy'] !== undefined)
    return [
      advice(
        cause.account ?? '',
        'call',
        call.operation,
        'put a policy that is not public: name principals, or limit it to an organization or account',
      ),
    ];
  const acl = withoutAcl(call.input);
  if (Object.keys(acl).length > 0) return [callProposal(about, 'leave the public ACL out', { input: acl })];
  const byPolicy: Case = { ...about, cause: { ...cause, layer: 'resource-policy' } };
  return [...narrowed(about), ...mendMissingAllow(byPolicy).filter(({ edit }) => edit?.on === 'document')];
}

/**
 * What is public of the policy, kept to the owner's account: to others it is no use, as RestrictPublicBuckets shuts
 * them out, with all that the policy allows them by name.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
function narrowed(about: Case): Proposal[] {
  const owner = about.cause.account ?? about.request.resourceAccount ?? '';
  return (['resource-policy', 'access-point-policy'] as const).flatMap((layer) =>
    documentsOf(about, layer).flatMap(({ place, policy: { document } }) => {
      const sort = layer === 'resource-policy' ? 'bucket' : 'access-point';
      if (!isPublicPolicy(document, sort)) return [];
      const kept = statementsOf(document).map((statement) =>
        isPublicPolicy({ Statement: [statement] }, sort) ? keptTo(statement, owner) : statement,
      );
      const after: PolicyDocument = { ...document, Statement: kept };
      const words = `keep what is public of the policy to account ${owner}: nobody else could use it`;
      const exact = exactStatement(about, layer);
      return [
        ...documentProposal(place, document, after, { summary: words, also: '' }),
        ...(exact === undefined
          ? []
          : documentProposal(place, document, withStatement(after, exact), {
              summary: `${words}; and allow the call by name`,
              also: '',
            })),
      ];
    }),
  );
}

function keptTo(statement: Statement, owner: string): Statement {
  const { Condition = {} } = statement;
  const operator = ['StringEquals', 'StringLike', 'StringEqualsIgnoreCase'].find(
    (name) => !hasAccount(Condition[name]),
  )!;
  return {
    ...statement,
    Condition: { ...Condition, [operator]: { ...Condition[operator], 'aws:PrincipalAccount': owner } },
  };
}

const hasAccount = (block: object | undefined): boolean =>
  Object.keys(block ?? {}).some((key) => key.toLowerCase() === 'aws:principalaccount');
