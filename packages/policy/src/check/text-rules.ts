import { nearest } from '../nearest.ts';
import { type Rule, eachStatement, quoted } from './rule.ts';
import { effectOf, has, isRecord } from './statement.ts';

const VERSIONS = ['2012-10-17', '2008-10-17'];

const squeezed = (text: string): string => text.replaceAll(/\s/g, '');

/** Kinds whose `Sid` is letters and digits. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html */
const PLAIN_SID_KINDS = new Set<string | undefined>([
  'identity',
  'boundary',
  'session',
  'trust',
  'scp',
  'rcp',
]);

/** Kinds that IAM keeps, whose documents it holds to Latin-1. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.md */
const IAM_KINDS = new Set<string | undefined>(['identity', 'boundary', 'trust']);

/** The plain texts: version, effect, statement ids. */
export const TEXT_RULES: readonly Rule[] = [
  {
    code: 'invalid-version',
    title: 'The version is none of the policy language',
    severity: 'error',
    help: 'Write `"Version": "2012-10-17"`. It names the language, and is not the date of the document.',
    *find({ document }) {
      const version =
        isRecord(document) && Object.hasOwn(document, 'Version') ? document['Version'] : undefined;
      if (typeof version !== 'string' || VERSIONS.includes(version)) return;
      const meant = VERSIONS.find((known) => known === squeezed(version));
      yield {
        path: ['Version'],
        message: `${quoted(version)} is not a version of the policy language`,
        help: meant === undefined ? undefined : `Write \`${meant}\`, without spaces.`,
      };
    },
  },
  {
    code: 'invalid-effect',
    title: 'The effect is neither Allow nor Deny',
    severity: 'error',
    help: 'Write `Allow` or `Deny`.',
    find: eachStatement(function* (statement) {
      const effect = effectOf(statement);
      if (typeof effect !== 'string' || effect === 'Allow' || effect === 'Deny') return;
      const meant = nearest(squeezed(effect), ['Allow', 'Deny']);
      yield {
        path: [...statement.path, 'Effect'],
        message: `${quoted(effect)} is not an effect`,
        help: meant === undefined ? undefined : `Write \`${meant}\`; the case of the letters counts.`,
      };
    }),
  },
  {
    code: 'invalid-sid',
    title: 'A statement id has other characters than letters and digits',
    severity: 'error',
    help: 'Use letters and digits only.',
    find: eachStatement(function* (statement, { kind }) {
      const sid = has(statement, 'Sid') ? statement.raw['Sid'] : undefined;
      if (typeof sid !== 'string' || /^[A-Za-z0-9]*$/.test(sid) || !PLAIN_SID_KINDS.has(kind)) return;
      yield {
        path: [...statement.path, 'Sid'],
        message: `the \`Sid\` ${quoted(sid)} has other characters than letters and digits`,
      };
    }),
  },
  {
    code: 'duplicate-sid',
    title: 'Two statements have one id',
    severity: 'error',
    help: 'Give each statement an id of its own, or none.',
    *find({ statements }) {
      const seen = new Set<string>();
      for (const statement of statements) {
        const sid = has(statement, 'Sid') ? statement.raw['Sid'] : undefined;
        if (typeof sid !== 'string' || sid === '') continue;
        if (seen.has(sid)) {
          yield {
            path: [...statement.path, 'Sid'],
            message: `another statement has the \`Sid\` ${quoted(sid)} too`,
          };
        }
        seen.add(sid);
      }
    },
  },
  {
    code: 'invalid-character',
    title: 'The document has a character that IAM does not take',
    severity: 'error',
    help: 'IAM takes U+0020 to U+00FF, tabs and line ends. Replace curly quotes and dashes; use `?` or `*` for other letters.',
    *find({ kind, text }) {
      const odd = IAM_KINDS.has(kind) ? /[^\t\n\r\u0020-\u00FF]/u.exec(text ?? '')?.[0] : undefined;
      if (odd !== undefined) yield { path: [], message: `the document has the character ${quoted(odd)}` };
    },
  },
];
