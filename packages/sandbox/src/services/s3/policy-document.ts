import {
  parsePolicy,
  statementsOf,
  type PolicyDocument,
  type PrincipalElement,
  type Statement,
} from '@crossbucket/policy';
import type { BucketRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import { findUnknownPrincipal } from '../principals.ts';
import type { Call } from '../service.ts';

/**
 * Checks a bucket policy as S3 does before it takes it.
 * @throws AwsError `MalformedPolicy`; `AccessDenied` where Block Public Access refuses a public policy.
 */
export function requireBucketPolicy(text: string, bucket: BucketRecord, call: Call): void {
  const { document, problems } = parsePolicy(text, 'bucket');
  const problem = problems.find(({ severity }) => severity === 'error');
  if (problem || !document) throw malformed(problem?.message ?? 'This policy contains invalid Json');
  for (const statement of statementsOf(document)) requireOwnResources(statement, bucket);
  const unknown = findUnknownPrincipal(principalsOf(document), call.store, call.accounts);
  if (unknown !== undefined) throw malformed('Invalid principal in policy', unknown);
}

/** Every resource of a bucket policy is the bucket or within it. */
function requireOwnResources(statement: Statement, bucket: BucketRecord): void {
  const own = `arn:aws:s3:::${bucket.name}`;
  for (const resource of [statement.Resource ?? statement.NotResource ?? []].flat()) {
    if (resource === own || resource.startsWith(`${own}/`) || resource === `${own}*`) continue;
    throw malformed('Policy has invalid resource', resource);
  }
}

function principalsOf(document: PolicyDocument): string[] {
  return statementsOf(document).flatMap(({ Principal, NotPrincipal }) => [
    ...awsPrincipals(Principal),
    ...awsPrincipals(NotPrincipal),
  ]);
}

function awsPrincipals(element: PrincipalElement | undefined): string[] {
  return element === undefined || element === '*' ? [] : [element.AWS ?? []].flat();
}

function malformed(message: string, detail?: string): AwsError {
  return new AwsError('MalformedPolicy', message, {
    status: 400,
    ...(detail !== undefined && { fields: { Detail: detail } }),
  });
}
