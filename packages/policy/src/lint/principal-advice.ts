import { type Rule, eachStatement, quoted } from '../check/rule.ts';
import { conditionsOf, effectOf, has, principalsOf } from '../check/statement.ts';
import { readOperator } from '../check/operators.ts';
import type { PolicyKind } from '../document.ts';
import { isPublicPolicy } from '../public-access.ts';

/** Kinds whose Allow gives access to whom it names. */
const GRANTING = new Set<PolicyKind | undefined>(['bucket', 'access-point', 'key', 'trust', undefined]);

const accountOf = (principal: string): string | undefined =>
  /^(?:arn:[^:]+:iam::)?(\d{12})(?::root)?$/.exec(principal)?.[1];

/** Whether a condition with a positive operator names one of some keys. */
const restricts = (statement: Parameters<typeof conditionsOf>[0], keys: ReadonlySet<string>): boolean =>
  conditionsOf(statement).some(({ operator: text, key }) => {
    const operator = readOperator(text);
    return operator !== undefined && !operator.negated && keys.has(key.toLowerCase());
  });

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
const SOURCE_KEYS = new Set(['aws:sourceaccount', 'aws:sourcearn', 'aws:sourceorgid', 'aws:sourceorgpaths']);

const EXTERNAL_ID = new Set(['sts:externalid']);

export const PRINCIPAL_ADVICE: readonly Rule[] = [
  {
    code: 'public-principal',
    title: 'An Allow for everyone',
    severity: 'warning',
    help: 'Name the principals, or add a condition on a fixed `aws:PrincipalOrgID`, `aws:PrincipalAccount`, `aws:SourceVpce` or the like.',
    find: eachStatement(function* (statement, { kind }) {
      if (effectOf(statement) !== 'Allow' || !GRANTING.has(kind)) return;
      const everyone = principalsOf(statement, 'Principal').find(
        ({ type, text }) => text === '*' && (type === '*' || type === 'AWS'),
      );
      if (everyone === undefined || !isPublicPolicy({ Statement: statement.raw })) return;
      yield { path: everyone.path, message: 'the statement allows everyone, outside of AWS too' };
    }),
  },
  {
    code: 'whole-account',
    title: 'A whole account is allowed, where one role may do',
    severity: 'note',
    help: 'Name the role that needs it: `arn:aws:iam::ACCOUNT:role/NAME`.',
    find: eachStatement(function* (statement, { kind }) {
      // In a key policy the account delegates to its own IAM policies, as AWS's default does.
      if (effectOf(statement) !== 'Allow' || !GRANTING.has(kind) || kind === 'key') return;
      for (const { type, text, path } of principalsOf(statement, 'Principal')) {
        const account = accountOf(text);
        if (type !== 'AWS' || account === undefined) continue;
        const message = `the statement allows whoever the administrators of account ${account} choose`;
        yield { path, message, help: `Name the role that needs it: \`arn:aws:iam::${account}:role/NAME\`.` };
      }
    }),
  },
  {
    code: 'not-principal-with-deny',
    title: 'A Deny for all but some principals',
    severity: 'warning',
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    help: 'Write `"Principal": "*"` with a condition `ArnNotLike` on `aws:PrincipalArn`.',
    find: eachStatement(function* (statement) {
      if (effectOf(statement) !== 'Deny' || !has(statement, 'NotPrincipal')) return;
      yield {
        path: [...statement.path, 'NotPrincipal'],
        part: 'key',
        message:
          '`NotPrincipal` also denies a named principal that has a permissions boundary, and a session unless session, role and account are all named',
      };
    }),
  },
  {
    code: 'confused-deputy-service',
    title: 'A service may act for anyone',
    severity: 'warning',
    help: 'Add a condition on `aws:SourceAccount`, `aws:SourceArn` or `aws:SourceOrgID`.',
    find: eachStatement(function* (statement, { kind }) {
      if (effectOf(statement) !== 'Allow' || !GRANTING.has(kind) || kind === 'trust') return;
      if (restricts(statement, SOURCE_KEYS)) return;
      for (const { type, text, path } of principalsOf(statement, 'Principal')) {
        if (type !== 'Service') continue;
        yield { path, message: `${quoted(text)} is allowed for whichever account it acts for` };
      }
    }),
  },
  {
    code: 'third-party-without-external-id',
    title: 'Another account may assume the role without an external id',
    severity: 'note',
    help: "Where the account is another company's, add a condition `StringEquals` on `sts:ExternalId`.",
    find: eachStatement(function* (statement, { kind, account: own }) {
      if (kind !== 'trust' || effectOf(statement) !== 'Allow' || restricts(statement, EXTERNAL_ID)) return;
      for (const { type, text, path } of principalsOf(statement, 'Principal')) {
        const account = own === undefined ? accountOf(text) : /\d{12}/.exec(text)?.[0];
        if (type !== 'AWS' || account === undefined || account === own) continue;
        yield { path, message: `account ${account} may assume the role without an \`sts:ExternalId\`` };
      }
    }),
  },
];
