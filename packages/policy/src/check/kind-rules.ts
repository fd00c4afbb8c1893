import { rulesOf } from './kinds.ts';
import { type Rule, eachStatement } from './rule.ts';
import { effectOf, has, isRecord, principalsOf, textsOf } from './statement.ts';

const OPPOSITES: Readonly<Record<string, string>> = { Principal: 'NotPrincipal', Resource: 'NotResource' };

/** What follows from where a document is attached. */
export const KIND_RULES: readonly Rule[] = [
  {
    code: 'forbidden-element',
    title: 'An element that this kind of policy may not have',
    severity: 'error',
    help: 'Remove it.',
    find: eachStatement(function* (statement, { kind }) {
      const rules = rulesOf(kind);
      if (rules === undefined) return;
      const forbidden = new Map(rules.forbidden.map((element) => [element, 'Remove it.']));
      if (rules.principal === 'forbidden') {
        const help = `Remove it: ${rules.name} is about whoever it is attached to.`;
        for (const element of ['Principal', 'NotPrincipal']) forbidden.set(element, help);
      }
      if (rules.resource === 'forbidden') {
        const help = `Remove it: ${rules.name} is about the thing that it is attached to.`;
        for (const element of ['Resource', 'NotResource']) forbidden.set(element, help);
      }
      for (const [element, help] of forbidden) {
        if (!has(statement, element)) continue;
        const message = `${rules.name} may not have \`${element}\``;
        yield { path: [...statement.path, element], part: 'key', message, help };
      }
    }),
  },
  {
    code: 'required-element',
    title: 'An element that this kind of policy must have is missing',
    severity: 'error',
    help: 'Add it.',
    find: eachStatement(function* (statement, { kind }) {
      const rules = rulesOf(kind);
      if (rules === undefined) return;
      for (const [element, need] of [
        ['Principal', rules.principal],
        ['Resource', rules.resource],
      ] as const) {
        if (need !== 'required' || has(statement, element) || has(statement, OPPOSITES[element]!)) continue;
        const help =
          element === 'Principal' ? 'Say whom the statement is about.' : 'Say what the statement is about.';
        yield { path: statement.path, message: `a statement of ${rules.name} needs \`${element}\``, help };
      }
    }),
  },
  {
    code: 'not-principal-with-allow',
    title: 'NotPrincipal in an Allow',
    severity: 'error',
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    help: 'Name the principals that are allowed, with `Principal`.',
    find: eachStatement(function* (statement) {
      if (effectOf(statement) !== 'Allow' || !has(statement, 'NotPrincipal')) return;
      const message = 'AWS takes `NotPrincipal` with `Deny` only';
      yield { path: [...statement.path, 'NotPrincipal'], part: 'key', message };
    }),
  },
  {
    code: 'rcp-denies-only',
    title: 'A resource control policy that does more than deny everybody something',
    severity: 'error',
    // https://docs.aws.amazon.com/en_us/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
    help: 'Write `"Effect": "Deny"` and `"Principal": "*"`, and narrow it with `Condition`.',
    find: eachStatement(function* (statement, { kind }) {
      if (kind !== 'rcp') return;
      if (effectOf(statement) === 'Allow' && !isFullAccess(statement)) {
        const message = 'a resource control policy can only deny';
        yield { path: [...statement.path, 'Effect'], message };
      }
      for (const { text, type, path } of principalsOf(statement, 'Principal')) {
        if (type === '*' && text === '*') continue;
        yield { path, message: 'a resource control policy is about everybody: `"Principal": "*"`' };
      }
    }),
  },
  {
    code: 'version-required',
    title: 'A policy of an organization without a version',
    severity: 'error',
    help: 'Add `"Version": "2012-10-17"`.',
    *find({ document, kind }) {
      if (kind !== 'scp' && kind !== 'rcp') return;
      if (isRecord(document) && document['Version'] !== '2012-10-17') {
        yield { path: ['Version'], message: `${rulesOf(kind)?.name} needs \`"Version": "2012-10-17"\`` };
      }
    },
  },
];

/** The one Allow among RCPs: `RCPFullAWSAccess`. */
const isFullAccess = (statement: Parameters<typeof textsOf>[0]): boolean =>
  textsOf(statement, 'Action').some(({ text }) => text === '*') && !has(statement, 'Condition');
