import { parsePolicy, statementsOf, type PolicyDocument, type Statement } from '@crossbucket/policy';
import { awsPrincipalsOf } from '../../store/principal-ids.ts';
import type { BucketRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import { wordsOf } from '../policy-refusals.ts';
import { findUnknownPrincipal } from '../principals.ts';
import type { Call } from '../service.ts';
import { isCanonicalId } from './canonical-ids.ts';

/**
 * Checks a bucket policy as S3 does before it takes it.
 * @throws AwsError `MalformedPolicy`; `AccessDenied` where Block Public Access refuses a public policy.
 */
export function requireBucketPolicy(text: string, bucket: BucketRecord, call: Call): PolicyDocument {
  const { document, problems } = parsePolicy(text, 'bucket');
  const problem = problems.find(({ severity }) => severity === 'error');
  if (problem || !document)
    throw problem
      ? malformed(wordsOf(problem, 's3', text), problem.message)
      : malformed('This policy contains invalid Json');
  for (const statement of statementsOf(document)) requireOwnResources(statement, bucket);
  const unknown = findUnknownPrincipal(awsPrincipalsOf(document), call);
  if (unknown !== undefined) throw malformed('Invalid principal in policy', unknown);
  const nobody = canonicalUsersOf(document).find((id) => !isCanonicalId(call, id));
  if (nobody !== undefined) throw malformed('Invalid principal in policy', nobody);
  return document;
}

function canonicalUsersOf(document: PolicyDocument): string[] {
  return statementsOf(document).flatMap(({ Principal, NotPrincipal }) =>
    [Principal, NotPrincipal].flatMap((element) =>
      element === undefined || element === '*' ? [] : [element.CanonicalUser ?? []].flat(),
    ),
  );
}

/** Every resource of a bucket policy is the bucket or within it. */
function requireOwnResources(statement: Statement, bucket: BucketRecord): void {
  const own = `arn:aws:s3:::${bucket.name}`;
  for (const resource of [statement.Resource ?? statement.NotResource ?? []].flat()) {
    if (resource === own || resource.startsWith(`${own}/`) || resource === `${own}*`) continue;
    throw malformed('Policy has invalid resource', resource);
  }
}

function malformed(message: string, detail?: string): AwsError {
  return new AwsError('MalformedPolicy', message, {
    status: 400,
    ...(detail !== undefined && { fields: { Detail: detail } }),
  });
}
