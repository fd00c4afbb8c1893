import { createHash } from 'node:crypto';
import {
  statementsOf,
  type PolicyDocument,
  type PrincipalElement,
  type Statement,
} from '@crossbucket/policy';

/** ARNs of principals by their unique ids (`AROA...`), which AWS may show in their place. */
export type PrincipalIds = ReadonlyMap<string, string>;

const NO_IDS: PrincipalIds = new Map();

/**
 * A document as text that is the same for all forms in which AWS may give it back: order of statements, lists and keys,
 * lists of one, accounts as ids or root ARNs, values as texts, unique ids of principals that are there.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html
 */
export function canonicalText(document: PolicyDocument, ids: PrincipalIds = NO_IDS): string {
  const statements = statementsOf(document).map((statement) => canonicalStatement(statement, ids));
  return JSON.stringify([document.Version ?? '2008-10-17', document.Id ?? '', statements.toSorted()]);
}

/** One statement as such a text; its Sid is part of it. */
export function canonicalStatement(statement: Statement, ids: PrincipalIds = NO_IDS): string {
  const { Sid: sid = '', Effect: effect, Principal, NotPrincipal, Condition = {}, ...rest } = statement;
  return JSON.stringify([
    sid,
    effect,
    canonicalPrincipal(Principal, ids),
    canonicalPrincipal(NotPrincipal, ids),
    listOf(rest.Action).map(lower),
    listOf(rest.NotAction).map(lower),
    listOf(rest.Resource),
    listOf(rest.NotResource),
    canonicalCondition(Condition, ids),
  ]);
}

/** Text that is the same for all forms in which AWS may give a setting back: order of members, lists that are empty. */
export const canonicalValue = (text: string): string => JSON.stringify(canonical(JSON.parse(text)));

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .filter(([, member]) => !(Array.isArray(member) && member.length === 0))
    .map(([name, member]) => [name, canonical(member)] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** What AWS's own order of elements, formatting and spelling do not change. */
export const hashOf = (text: string | null): string =>
  createHash('sha256')
    .update(text === null ? 'none' : `text ${text}`)
    .digest('hex')
    .slice(0, 16);

function canonicalPrincipal(element: PrincipalElement | undefined, ids: PrincipalIds): unknown {
  if (element === undefined) return null;
  if (element === '*') return [['AWS', ['*']]];
  return Object.entries(element)
    .map(([type, names]) => [
      type,
      listOf(names)
        .map((name) => canonicalName(name, ids))
        .toSorted(),
    ])
    .toSorted(byFirst);
}

/** `arn:aws:iam::111111111111:root` for an account, however it is written. */
function canonicalName(name: string, ids: PrincipalIds): string {
  if (/^\d{12}$/.test(name)) return `account ${name}`;
  const account = /^arn:[^:]+:iam::(\d{12}):root$/.exec(name)?.[1];
  if (account !== undefined) return `account ${account}`;
  return ids.get(name) ?? name;
}

function canonicalCondition(condition: NonNullable<Statement['Condition']>, ids: PrincipalIds): unknown {
  return Object.entries(condition)
    .map(([operator, block]) => [
      operator,
      Object.entries(block)
        .map(([key, values]) => [lower(key), listOf(values).map((value) => ids.get(value) ?? value)])
        .toSorted(byFirst),
    ])
    .toSorted(byFirst);
}

type Value = string | number | boolean;

/** Sorted, without repetition; numbers and booleans as the texts that AWS makes of them. */
function listOf(value: Value | Value[] | undefined): string[] {
  const values = value === undefined ? [] : [value].flat();
  return [...new Set(values.map(String))].toSorted();
}

const lower = (text: string): string => text.toLowerCase();

const byFirst = (one: unknown[], other: unknown[]): number =>
  String(one[0]) < String(other[0]) ? -1 : String(one[0]) > String(other[0]) ? 1 : 0;
