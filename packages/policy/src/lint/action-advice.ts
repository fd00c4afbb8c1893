import { actionsMatching, findService } from '../catalog.ts';
import type { ActionInfo } from '../catalog/read.ts';
import { type Rule, eachStatement, quoted } from '../check/rule.ts';
import { effectOf, has, textsOf } from '../check/statement.ts';
import type { PolicyKind } from '../document.ts';

/** Kinds that only bound what others grant, where a wide Allow is the rule. */
const BOUNDING = new Set<PolicyKind | undefined>(['scp', 'rcp', 'boundary', 'vpc-endpoint']);

const reads = ({ access }: ActionInfo): boolean => access === 'read' || access === 'list';

function breadthOf(text: string): string | undefined {
  if (/^\*+$/.test(text)) return 'every action there is';
  const actions = actionsMatching(text);
  const first = actions.find((action) => !reads(action));
  if (first !== undefined) {
    const count = actions.filter((action) => !reads(action)).length;
    return `${count} actions that write or administer, such as \`${first.name}\``;
  }
  const [prefix = '', name] = text.split(':');
  return name === '*' && !findService(prefix) ? `every action of ${prefix}` : undefined;
}

const passesRoles = (text: string): boolean =>
  !/^(\*|iam:\*)$/i.test(text) && actionsMatching(text).some(({ name }) => name === 'iam:PassRole');

export const ACTION_ADVICE: readonly Rule[] = [
  {
    code: 'wildcard-action',
    title: 'A wildcard that covers actions that write or administer',
    severity: 'warning',
    help: 'Name the actions one by one.',
    find: eachStatement(function* (statement, { kind }) {
      // A key policy that leaves everything to the account's IAM policies is AWS's default.
      if (effectOf(statement) !== 'Allow' || BOUNDING.has(kind) || kind === 'key') return;
      for (const { text, path } of textsOf(statement, 'Action')) {
        const breadth = /[*?]/.test(text) ? breadthOf(text) : undefined;
        if (breadth !== undefined) yield { path, message: `${quoted(text)} covers ${breadth}` };
      }
    }),
  },
  {
    code: 'not-action-with-allow',
    title: 'An Allow for all but some actions',
    severity: 'warning',
    help: 'Name the actions that are allowed, with `Action`.',
    find: eachStatement(function* (statement, { kind }) {
      if (effectOf(statement) !== 'Allow' || !has(statement, 'NotAction') || BOUNDING.has(kind)) return;
      const message = '`NotAction` allows every action that it does not name, those of services to come too';
      yield { path: [...statement.path, 'NotAction'], part: 'key', message };
    }),
  },
  {
    code: 'not-resource-with-allow',
    title: 'An Allow for all but some resources',
    severity: 'warning',
    help: 'Name the resources that are allowed, with `Resource`.',
    find: eachStatement(function* (statement, { kind }) {
      if (effectOf(statement) !== 'Allow' || !has(statement, 'NotResource') || BOUNDING.has(kind)) return;
      const message = '`NotResource` allows every resource that it does not name, those to come too';
      yield { path: [...statement.path, 'NotResource'], part: 'key', message };
    }),
  },
  {
    code: 'pass-any-role',
    title: 'Any role may be passed to a service',
    severity: 'warning',
    help: 'Name the roles in `Resource`, and the service with a condition on `iam:PassedToService`.',
    find: eachStatement(function* (statement, { kind }) {
      if (effectOf(statement) !== 'Allow' || BOUNDING.has(kind)) return;
      const anywhere = textsOf(statement, 'Resource').some(({ text }) => text === '*');
      for (const { text, path } of anywhere ? textsOf(statement, 'Action') : []) {
        if (passesRoles(text)) yield { path, message: `${quoted(text)} may pass every role of the account` };
      }
    }),
  },
];
