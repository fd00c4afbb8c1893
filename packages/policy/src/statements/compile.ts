import { isRecord } from './conditions.ts';
import type { PolicyInput, PolicySet, AclGrant, PublicAccessBlock } from '../request.ts';
import type { Layer } from '../decision.ts';
import { isPublicPolicy } from '../public-access.ts';
import type { PolicySort } from '../public-access.ts';
import { ResourceElement, readElement } from './elements.ts';
import { Statement } from './statement.ts';

/** The statements of one document that can apply to an action. */
export interface Candidates {
  allow: readonly Statement[];
  deny: readonly Statement[];
}

const MOST_ACTIONS = 512;

/** A document, compiled once; it remembers which statements an action concerns. */
export class CompiledDocument {
  readonly statements: readonly Statement[];
  private readonly source: unknown;
  private publicAs: Partial<Record<PolicySort, boolean>> = {};
  private readonly byAction = new Map<string, Candidates>();

  /** Takes anything: what is no statement is left out, and `parsePolicy` says so. */
  constructor(document: unknown) {
    const source = isRecord(document) ? document : {};
    this.source = document;
    const variables = source['Version'] === '2012-10-17';
    const list: unknown[] = Array.isArray(source['Statement']) ? source['Statement'] : [source['Statement']];
    const resources = new Map<string, ResourceElement>();
    this.statements = list.flatMap((statement, index) => {
      if (!isRecord(statement)) return [];
      const effect = effectOf(statement['Effect']);
      if (effect === undefined) return [];
      const deny = effect === 'Deny';
      const resource = share(resources, list.length, statement, deny, variables);
      return [new Statement(statement, index, deny, variables, resource)];
    });
  }

  /** Whether Block Public Access counts the document as public. */
  isPublic(sort: PolicySort): boolean {
    return (this.publicAs[sort] ??= isPublicPolicy(this.source, sort));
  }

  /** Takes the action in lower case. */
  candidates(action: string): Candidates {
    let found = this.byAction.get(action);
    if (found === undefined) {
      const concerned = this.statements.filter((statement) => statement.action.matches(action));
      found = {
        allow: concerned.filter((statement) => !statement.deny),
        deny: concerned.filter((statement) => statement.deny),
      };
      if (this.byAction.size >= MOST_ACTIONS) this.byAction.clear();
      if (action.length < 200) this.byAction.set(action, found);
    }
    return found;
  }
}

/** From this many statements on, it pays to compile and match equal resources once. */
const MANY = 8;

function share(
  known: Map<string, ResourceElement>,
  statements: number,
  statement: Record<string, unknown>,
  deny: boolean,
  variables: boolean,
): ResourceElement {
  const written = readElement(statement, 'Resource');
  if (statements < MANY || written === undefined) return new ResourceElement(written, deny, variables);
  const key = `${deny} ${written.name} ${JSON.stringify(written.values)}`;
  const shared = known.get(key);
  if (shared !== undefined) return shared.share();
  const element = new ResourceElement(written, deny, variables);
  known.set(key, element);
  return element;
}

/** A misspelt Deny still denies; a misspelt Allow does not allow. */
function effectOf(effect: unknown): 'Allow' | 'Deny' | undefined {
  if (effect === 'Allow') return 'Allow';
  return typeof effect === 'string' && effect.trim().toLowerCase() === 'deny' ? 'Deny' : undefined;
}

export interface CompiledPolicy {
  name: string;
  arn: string | undefined;
  document: CompiledDocument;
}

type PolicyList = readonly CompiledPolicy[];

/** As `PolicySet`; where there can be one policy, the list has one. */
export interface CompiledPolicies {
  identity: PolicyList | undefined;
  boundary: PolicyList | undefined;
  session: PolicyList | undefined;
  resource: PolicyList | undefined;
  accessPoint: PolicyList | undefined;
  acl: readonly AclGrant[] | undefined;
  serviceControl: readonly PolicyList[] | undefined;
  resourceControl: readonly PolicyList[] | undefined;
  vpcEndpoint: PolicyList | undefined;
  publicAccessBlock: PublicAccessBlock | undefined;
  unread: ReadonlySet<Layer> | undefined;
}

type CompileDocument = (document: unknown) => CompiledDocument;

export const compileAnew: CompileDocument = (document) => new CompiledDocument(document);

const compiled = new WeakMap<object, CompiledDocument>();

/** For documents that are never changed in place: each is compiled once, whoever asks. */
export const compileOnce: CompileDocument = (document) => {
  if (!isRecord(document)) return compileAnew(document);
  let known = compiled.get(document);
  if (known === undefined) compiled.set(document, (known = compileAnew(document)));
  return known;
};

export function compilePolicies(policies: PolicySet, compileDocument: CompileDocument): CompiledPolicies {
  const one = (policy: PolicyInput | undefined, kind: string) =>
    policy === undefined ? undefined : [compilePolicy(policy, kind, compileDocument)];
  const list = (inputs: readonly PolicyInput[], kind: string) =>
    inputs.map((policy, i) =>
      compilePolicy(policy, inputs.length > 1 ? `${kind} ${i + 1}` : kind, compileDocument),
    );
  return {
    identity: policies.identity && list(policies.identity, 'identity policy'),
    boundary: one(policies.boundary, 'permissions boundary'),
    session: policies.session && list(policies.session, 'session policy'),
    resource: one(policies.resource, 'resource policy'),
    accessPoint: one(policies.accessPoint, 'access point policy'),
    acl: policies.acl,
    serviceControl: policies.serviceControl?.map((level) => list(level, 'SCP')),
    resourceControl: policies.resourceControl?.map((level) => list(level, 'RCP')),
    vpcEndpoint: one(policies.vpcEndpoint, 'VPC endpoint policy'),
    publicAccessBlock: policies.publicAccessBlock,
    unread: policies.unread && new Set(policies.unread),
  };
}

/** A bare document goes by the name of its kind. */
function compilePolicy(input: PolicyInput, kind: string, compileDocument: CompileDocument): CompiledPolicy {
  if (isRecord(input) && 'document' in input) {
    const { name, arn } = input;
    return {
      name: typeof name === 'string' ? name : kind,
      arn: typeof arn === 'string' ? arn : undefined,
      document: compileDocument(input.document),
    };
  }
  return { name: kind, arn: undefined, document: compileDocument(input) };
}
