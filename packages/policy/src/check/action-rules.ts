import { actionsMatching, findService, nearestAction, servicePrefixes } from '../catalog.ts';
import { actionsOfOperation } from '../calls/authorizations-for.ts';
import { nearest } from '../nearest.ts';
import { rulesOf } from './kinds.ts';
import { type Rule, eachStatement, quoted } from './rule.ts';
import { textsOf } from './statement.ts';

const ACTION = /^[a-z0-9-]+:[a-z0-9*?_]+$/i;

const actions = (statement: Parameters<typeof textsOf>[0]) => textsOf(statement, 'Action', 'NotAction');

/** How the author probably meant a text that is not an action. */
function actionMeant(text: string): string | undefined {
  const squeezed = text.replaceAll(/\s/g, '');
  if (squeezed !== text && ACTION.test(squeezed)) return `Write \`${squeezed}\`, without spaces.`;
  if (/^[a-z0-9*?]+$/i.test(text)) {
    const found = actionsMatching(`s3:${text}`)[0] ?? actionsMatching(`sts:${text}`)[0];
    if (found) return `Write \`${found.service}:${text}\`, with the service in front.`;
  }
  if (text.startsWith('*:')) return 'Name the service, or write `*` alone for every action of every service.';
  return undefined;
}

/** What the catalog has instead of an action that it does not know. */
function actionInstead(text: string): string | undefined {
  const [prefix = '', name = ''] = text.split(':');
  const [needed] = actionsOfOperation(prefix.toLowerCase(), name);
  if (needed !== undefined) return `Write \`${needed}\`, which the operation ${name} needs.`;
  const near = nearestAction(text);
  return near === undefined ? undefined : `Write \`${near}\`.`;
}

export const ACTION_RULES: readonly Rule[] = [
  {
    code: 'invalid-action',
    title: 'A text that is not an action',
    severity: 'error',
    help: 'Write `service:Action`, such as `s3:GetObject`; `*` and `?` may stand in the name, not in the service.',
    find: eachStatement(function* (statement) {
      for (const { text, path } of actions(statement)) {
        if (text === '*' || text === '' || ACTION.test(text)) continue;
        yield { path, message: `${quoted(text)} is not an action`, help: actionMeant(text) };
      }
    }),
  },
  {
    code: 'unknown-service',
    title: 'An action of a service that AWS does not have',
    severity: 'warning',
    help: 'Check the prefix: S3 is `s3`, STS is `sts`, KMS is `kms`.',
    find: eachStatement(function* (statement, { kind }) {
      for (const { text, path } of actions(statement)) {
        const prefix = text.slice(0, Math.max(0, text.indexOf(':'))).toLowerCase();
        if (!ACTION.test(text) || servicePrefixes().has(prefix)) continue;
        const meant = nearest(prefix, servicePrefixes());
        yield {
          path,
          message: `${quoted(text)} is an action of no service`,
          help: meant === undefined ? undefined : `Did you mean \`${meant}:\`?`,
          severity: rulesOf(kind)?.strict ? 'error' : undefined,
        };
      }
    }),
  },
  {
    code: 'unknown-action',
    title: 'An action that the service does not have',
    severity: 'warning',
    help: 'Look the action up in the Service Authorization Reference.',
    find: eachStatement(function* (statement, { kind }) {
      for (const { text, path } of actions(statement)) {
        const prefix = text.slice(0, Math.max(0, text.indexOf(':')));
        if (!ACTION.test(text) || !findService(prefix) || actionsMatching(text).length > 0) continue;
        const wild = /[*?]/.test(text);
        yield {
          path,
          message: wild ? `no action matches ${quoted(text)}` : `there is no action ${quoted(text)}`,
          help: wild ? undefined : actionInstead(text),
          severity: rulesOf(kind)?.strict ? 'error' : undefined,
        };
      }
    }),
  },
  {
    code: 'action-of-other-service',
    title: 'An action that means nothing in this kind of policy',
    severity: 'error',
    help: 'Remove it, or put it into a policy of another kind.',
    find: eachStatement(function* (statement, { kind }) {
      const rules = rulesOf(kind);
      if (rules?.services === undefined) return;
      for (const { text, path } of actions(statement)) {
        const prefix = text.slice(0, Math.max(0, text.indexOf(':'))).toLowerCase();
        if (!ACTION.test(text) || rules.services.includes(prefix)) continue;
        const list = rules.services.map((service) => `\`${service}:\``).join(', ');
        yield { path, message: `${rules.name} takes actions of ${list} only, and not ${quoted(text)}` };
      }
    }),
  },
];
