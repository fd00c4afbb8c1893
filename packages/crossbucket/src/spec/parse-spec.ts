import { LineCounter, isMap, isNode, isScalar, parseDocument, type Document } from 'yaml';
import { findAction, nearestAction } from '@crossbucket/policy';
import { specSchema, type Spec } from './schema.ts';
import { SpecError } from './spec-error.ts';

type Fail = (path: PropertyKey[], message: string, more?: { cause?: unknown; isKey?: boolean }) => SpecError;

const HELP = 'see docs/grants.md for the keys that crossbucket.yaml may have';

/**
 * Reads the text of a `crossbucket.yaml`.
 * @throws SpecError with line and column of the first thing that is wrong
 */
export function parseSpec(text: string, file: string): Spec {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const fail: Fail = (path, message, { cause, isKey } = {}) => {
    const place = locate(document, lines, path, isKey);
    const where = place === undefined ? file : `${file}:${place.line}:${place.col}`;
    const name = path.length === 0 ? '' : `\`${nameOf(path)}\`: `;
    return new SpecError(`${where}: ${name}${message}`, HELP, {
      line: place?.line,
      column: place?.col,
      cause,
    });
  };
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new SpecError(`${file}:${line}:${col}: ${firstLine(error.message)}`, HELP, {
      line,
      column: col,
      cause: error,
    });
  }
  const checked = specSchema.safeParse(valueOf(document, fail));
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
    if (unknown !== undefined) throw fail([...issue!.path, unknown], 'there is no such key', { isKey: true });
    throw fail(issue!.path, lowerFirst(issue!.message));
  }
  const problem = findProblem(checked.data);
  if (problem) throw fail(problem.path, problem.message);
  return checked.data;
}

interface Problem {
  path: PropertyKey[];
  message: string;
}

/** What no schema says: names that must be there, and names that must be there once. */
function findProblem({ accounts, grants = [], endpoints = [] }: Spec): Problem | undefined {
  const names = new Set<string>();
  const roles = new Map<string, string>();
  for (const [index, grant] of grants.entries()) {
    const path = ['grants', index];
    const owner = grant.bucket.split('/')[0]!;
    if (names.has(grant.name))
      return { path: [...path, 'name'], message: `the grant \`${grant.name}\` is there twice` };
    names.add(grant.name);
    const known = Object.keys(accounts).join(', ');
    if (!Object.hasOwn(accounts, owner))
      return {
        path: [...path, 'bucket'],
        message: `there is no account \`${owner}\`: the accounts are ${known}`,
      };
    if (!Object.hasOwn(accounts, grant.to))
      return {
        path: [...path, 'to'],
        message: `there is no account \`${grant.to}\`: the accounts are ${known}`,
      };
    if (accounts[owner]!.id === accounts[grant.to]!.id)
      return {
        path: [...path, 'to'],
        message: 'source and destination are the same account: there is nothing to cross',
      };
    if (grant.route === 'bucket-policy' && grant.role !== undefined)
      return { path: [...path, 'role'], message: 'route `bucket-policy` makes no role' };
    for (const [at, action] of (grant.access.actions ?? []).entries()) {
      const message = findActionProblem(action);
      if (message !== undefined) return { path: [...path, 'access', 'actions', at], message };
    }
    if (grant.route !== 'bucket-policy') {
      const role = `${accounts[owner]!.id} ${(grant.role?.name ?? grant.name).toLowerCase()}`;
      const other = roles.get(role);
      if (other !== undefined)
        return {
          path: [...path, grant.role?.name === undefined ? 'name' : 'role'],
          message: `the grant \`${other}\` has a role of this name in the same account`,
        };
      roles.set(role, grant.name);
    }
  }
  const repeated = endpoints.findIndex(
    ({ id }, index) => endpoints.findIndex((other) => other.id === id) < index,
  );
  return repeated < 0
    ? undefined
    : {
        path: ['endpoints', repeated, 'id'],
        message: `the endpoint \`${endpoints[repeated]!.id}\` is there twice`,
      };
}

function findActionProblem(action: string): string | undefined {
  const known = findAction(action);
  if (known?.name === action)
    return known.resources.some(({ name }) => name === 'bucket' || name === 'object')
      ? undefined
      : `\`${action}\` is not about a bucket or its objects`;
  const nearest = known?.name ?? nearestAction(action);
  return `S3 has no action \`${action}\`${nearest === undefined ? '' : `: did you mean \`${nearest}\`?`}`;
}

/** Fails where aliases multiply what they stand for. */
function valueOf(document: Document, fail: Fail): unknown {
  try {
    const value: unknown = document.toJS();
    if (value === null || value === undefined) throw fail([], 'the file is empty');
    return value;
  } catch (cause) {
    if (cause instanceof SpecError) throw cause;
    throw fail([], firstLine((cause as Error).message), { cause });
  }
}

/** A key that should not be there, or else the value at the path, or of the nearest thing around it. */
function locate(document: Document, lines: LineCounter, path: PropertyKey[], isKey = false) {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isKey && isMap(parent)) {
    const key = parent.items
      .map((pair) => pair.key)
      .find((node) => isScalar(node) && node.value === path.at(-1));
    if (isNode(key) && key.range) return lines.linePos(key.range[0]);
  }
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]);
  }
  return undefined;
}

/** `grants[0].access.read` */
const nameOf = (path: PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');

const firstLine = (text: string): string =>
  text.split('\n', 1)[0]!.replace(/ at line \d+, column \d+:?$/, '');

const lowerFirst = (text: string): string =>
  text.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
