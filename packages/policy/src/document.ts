/** The JSON of an IAM policy, as AWS writes it. */
export interface PolicyDocument {
  Version?: string;
  Id?: string;
  Statement: Statement | Statement[];
}

export interface Statement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal?: PrincipalElement;
  NotPrincipal?: PrincipalElement;
  Action?: OneOrMany;
  NotAction?: OneOrMany;
  Resource?: OneOrMany;
  NotResource?: OneOrMany;
  Condition?: Record<string, Record<string, OneOrMany<string | number | boolean>>>;
}

export type OneOrMany<T = string> = T | T[];

export type PrincipalElement =
  | '*'
  | Partial<Record<'AWS' | 'Service' | 'Federated' | 'CanonicalUser', OneOrMany>>;

/** Where a document is attached, which decides the elements that it may have. */
export type PolicyKind =
  | 'identity'
  | 'boundary'
  | 'session'
  | 'bucket'
  | 'access-point'
  | 'key'
  | 'trust'
  | 'scp'
  | 'rcp'
  | 'vpc-endpoint';

/** A document with the name that reasons call it by. */
export interface NamedPolicy {
  name: string;
  document: PolicyDocument;
  arn?: string;
}

/** Lists the statements of a document, which AWS lets people write as one object or as an array. */
export function statementsOf(document: PolicyDocument): Statement[] {
  return Array.isArray(document.Statement) ? document.Statement : [document.Statement];
}
