import { actionsMatching, matchesGlob, type ActionInfo, type Statement } from '@crossbucket/policy';
import { listOf, literal, oneOrMany } from './statement-parts.ts';

/** What is to be spared by a Deny. */
export interface Spared {
  /** ARN, as `aws:PrincipalArn` has it; undefined where the document is of one principal alone. */
  principal: string | undefined;
  action: string;
  resource: string;
  /** Nothing but S3's actions can be asked of the document: a bucket's, an access point's. */
  onlyS3: boolean;
}

export interface Carved {
  /** What takes the statement's place; none where nothing is left of it. */
  statements: Statement[];
  /** How much of the Deny goes. */
  spared: { everyAction: boolean; everyResource: boolean; everybody: boolean };
}

/**
 * Takes one request out of a Deny, and as little else as can be said in a policy: the rest of it stays, for everybody
 * else, for other actions and for other resources. Nothing is denied that was not.
 * @param sids Of the document: they are unique within it.
 */
export function carve(statement: Statement, spared: Spared, sids: ReadonlySet<string> = new Set()): Carved {
  const { principal } = spared;
  const apart = principal === undefined ? { of: statement, rest: [] } : separate(statement, principal);
  const others = withoutAction(apart.of, spared);
  const elsewhere = withoutResource(onlyAction(apart.of, spared.action), spared);
  const statements = [...apart.rest, ...listOf(others), ...listOf(elsewhere)];
  return {
    statements: numbered(statement.Sid, statements, sids),
    spared: {
      everyAction: others === undefined && !isOnly(statement, spared.action),
      everyResource: elsewhere === undefined && !isOnlyOn(statement, spared.resource),
      everybody: principal !== undefined && apart.rest.length === 0 && !isOf(statement, principal),
    },
  };
}

/** The first keeps the Sid; the others get the next that are free. */
function numbered(sid: string | undefined, statements: Statement[], taken: ReadonlySet<string>): Statement[] {
  let next = 2;
  const free = (): string => {
    const candidate = `${sid}${next++}`;
    return taken.has(candidate) ? free() : candidate;
  };
  return sid === undefined
    ? statements
    : statements.map((statement, index) => (index === 0 ? statement : { ...statement, Sid: free() }));
}

/** The statement for one principal, and for everybody else. */
function separate(statement: Statement, principal: string): { of: Statement; rest: Statement[] } {
  const { Principal } = statement;
  if (isOf(statement, principal)) return { of: statement, rest: [] };
  const names = Principal === undefined || Principal === '*' ? [] : listOf(Principal.AWS);
  const isNamedOtherwise = names.some((name) => name === '*' || isAccountOf(name, principal));
  if (names.includes(principal) && !isNamedOtherwise && Object.keys(Principal!).length === 1)
    return {
      of: { ...statement, Principal: { AWS: principal } },
      rest: [{ ...statement, Principal: { AWS: oneOrMany(names.filter((name) => name !== principal)) } }],
    };
  return {
    of: withCondition(statement, 'ArnEquals', principal),
    rest: [withCondition(statement, 'ArnNotEquals', principal)],
  };
}

/** Whether a name stands for the whole account of a principal. */
function isAccountOf(name: string, principal: string): boolean {
  const account = principal.split(':')[4]!;
  return name === account || name.endsWith(`::${account}:root`);
}

/** Whether the statement is for this principal alone. */
function isOf({ Principal }: Statement, principal: string): boolean {
  if (Principal === undefined || Principal === '*') return false;
  const names = Object.values(Principal).flat();
  return names.length === 1 && names[0] === principal;
}

const KEY = 'aws:PrincipalArn';

function withCondition(
  statement: Statement,
  operator: 'ArnEquals' | 'ArnNotEquals',
  principal: string,
): Statement {
  const { Condition = {} } = statement;
  const taken = (name: string) =>
    Object.keys(Condition[name] ?? {}).find((key) => key.toLowerCase() === KEY.toLowerCase());
  const key = taken(operator);
  // Values of a negated operator are exceptions: one more is what is wanted.
  if (operator === 'ArnNotEquals' && key !== undefined) {
    const values = [...listOf(Condition[operator]![key]), principal];
    return {
      ...statement,
      Condition: { ...Condition, [operator]: { ...Condition[operator], [key]: values } },
    };
  }
  const free = [operator, operator.replace('Equals', 'Like'), operator.replace('Arn', 'String')].find(
    (name) => taken(name) === undefined,
  )!;
  return { ...statement, Condition: { ...Condition, [free]: { ...Condition[free], [KEY]: principal } } };
}

/** The statement for its other actions; undefined where there are none, or no policy could say it. */
function withoutAction(statement: Statement, { action, onlyS3 }: Spared): Statement | undefined {
  const { Action, NotAction, ...rest } = statement;
  if (NotAction !== undefined) return { ...rest, NotAction: [...listOf(NotAction), action] };
  const left: string[] = [];
  for (const pattern of listOf(Action)) {
    if (!matchesGlob(pattern.toLowerCase(), action.toLowerCase())) left.push(pattern);
    else if (pattern === '*' || (onlyS3 && /^s3:\*$/i.test(pattern))) return { ...rest, NotAction: action };
    else if (/[*?]/.test(pattern)) {
      const others = othersThan(action, pattern, statement);
      if (others === undefined) return undefined;
      left.push(...others);
    }
  }
  return left.length === 0 ? undefined : { ...rest, Action: oneOrMany([...new Set(left)]) };
}

/** Whether an action is about a kind of thing that the statement names: S3 takes no other. */
function actsOn({ resources }: ActionInfo, { Resource }: Statement): boolean {
  const patterns = listOf(Resource);
  if (patterns.length === 0 || patterns.includes('*')) return true;
  const isOf = (kind: string) => resources.some(({ name }) => name === kind);
  return patterns.some((pattern) => {
    const [, path] = /^arn:[^:]*:s3:::[^/]+(\/.*)?$/s.exec(pattern) ?? ['', '/'];
    if (!/^arn:[^:]*:s3:::/.test(pattern)) return true;
    return isOf(path === undefined ? 'bucket' : 'object');
  });
}

/** More would not fit into a policy, nor be read by anybody. */
const MOST_PATTERNS = 48;

/** What a pattern matches besides one action, as patterns; undefined where that takes too many, or other services. */
function othersThan(action: string, pattern: string, statement: Statement): string[] | undefined {
  if (!/^[a-z0-9-]+:/i.test(pattern)) return undefined;
  const others = actionsMatching(pattern)
    .filter((other) => other.name.toLowerCase() !== action.toLowerCase() && actsOn(other, statement))
    .map(({ name }) => name);
  const isBeginning = pattern.indexOf('*') === pattern.length - 1 && !pattern.includes('?');
  const patterns = isBeginning ? besides(action, pattern.length - 1, others) : others;
  return patterns.length > MOST_PATTERNS ? undefined : patterns;
}

/** `s3:GetB*`, ..., `s3:GetObject?*`: all names that part from an action's somewhere behind its beginning. */
function besides(action: string, from: number, others: readonly string[]): string[] {
  return [
    ...new Set(
      others.map((other) => {
        let shared = from;
        while (shared < action.length && other[shared]?.toLowerCase() === action[shared]!.toLowerCase())
          shared++;
        if (shared === action.length) return `${action}?*`;
        return shared >= other.length ? other : `${other.slice(0, shared + 1)}*`;
      }),
    ),
  ];
}

function isOnly({ Action }: Statement, action: string): boolean {
  const actions = listOf(Action);
  return actions.length === 1 && actions[0]!.toLowerCase() === action.toLowerCase();
}

function isOnlyOn({ Resource }: Statement, resource: string): boolean {
  const resources = listOf(Resource);
  return resources.length === 1 && resources[0] === literal(resource);
}

function onlyAction(statement: Statement, action: string): Statement {
  const { NotAction: _, ...rest } = statement;
  return { ...rest, Action: action };
}

/** The statement for its other resources; undefined where there are none, or no policy could say it. */
function withoutResource(statement: Statement, { resource, action, onlyS3 }: Spared): Statement | undefined {
  const { Resource, NotResource, ...rest } = statement;
  if (NotResource !== undefined) return { ...rest, NotResource: [...listOf(NotResource), literal(resource)] };
  const left: string[] = [];
  for (const pattern of listOf(Resource)) {
    if (pattern === literal(resource)) continue;
    if (!matchesGlob(pattern, resource)) left.push(pattern);
    else if (pattern === '*' || (onlyS3 && isWholeBucket(pattern, resource, action)))
      return listOf(Resource).length === 1 ? { ...rest, NotResource: literal(resource) } : undefined;
    else return undefined;
  }
  return left.length === 0 ? undefined : { ...rest, Resource: oneOrMany(left) };
}

/** `arn:aws:s3:::bucket/*` is all that the action can be asked on. */
function isWholeBucket(pattern: string, resource: string, action: string): boolean {
  const bucket = /^(arn:[^:]+:s3:::[^/]+)\//.exec(resource)?.[1];
  return bucket !== undefined && pattern === `${bucket}/*` && action.startsWith('s3:');
}
