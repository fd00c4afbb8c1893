import {
  type LocatedProblem,
  POLICY_RULES,
  type PolicyKind,
  type Severity,
  lint,
  parsePolicy,
} from '@crossbucket/policy';

/** The problems of one policy document. */
export interface LintedFile {
  /** As the user named it. */
  file: string;
  /** Given, or recognized from the document; undefined where it is too broken to tell. */
  kind: PolicyKind | undefined;
  /** In the order of the text. */
  problems: LocatedProblem[];
}

export interface LintFileOptions {
  kind?: PolicyKind;
  /** Account that the document belongs to: others are third parties. */
  account?: string;
}

/** Finds what is wrong or unwise in a policy document. */
export function lintFile(file: string, text: string, options: LintFileOptions = {}): LintedFile {
  const kind = options.kind ?? kindOf(text);
  const { document, problems, locate } = parsePolicy(text, kind);
  if (document === undefined) return { file, kind, problems };
  const known = new Set(problems.map(identity));
  const advice = lint(document, kind ?? 'identity', options).filter(
    (problem) => !known.has(identity(problem)),
  );
  const all = [...problems, ...advice.map((problem) => locate(problem))];
  return { file, kind, problems: all.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}

const identity = ({ code, path }: Pick<LocatedProblem, 'code' | 'path'>): string =>
  JSON.stringify([code, path]);

/** Which kind of policy a document looks like: without principals, one that is attached to them. */
export function kindOf(text: string): PolicyKind | undefined {
  const { document } = parsePolicy(text);
  if (document === undefined) return undefined;
  const statements = [document.Statement].flat();
  const named = statements.some((statement) => statement.Principal ?? statement.NotPrincipal);
  if (!named) return 'identity';
  if (statements.every(({ Resource, NotResource }) => (Resource ?? NotResource) === undefined))
    return 'trust';
  const actions = statements.flatMap(({ Action = [], NotAction = [] }) => [Action, NotAction].flat());
  const ofService = (prefix: string) => actions.some((action) => action.toLowerCase().startsWith(prefix));
  if (ofService('kms:')) return 'key';
  const resources = statements.flatMap(({ Resource = [] }) => Resource);
  if (resources.some((resource) => /^arn:[^:]*:s3:[^:]*:\d{12}:accesspoint\//.test(resource)))
    return 'access-point';
  return ofService('s3:') ? 'bucket' : undefined;
}

export interface LintSummary {
  error: number;
  warning: number;
  note: number;
}

export function summarize(files: readonly LintedFile[]): LintSummary {
  const summary: LintSummary = { error: 0, warning: 0, note: 0 };
  for (const { problems } of files) for (const { severity } of problems) summary[severity]++;
  return summary;
}

/** SARIF 2.1.0, which code hosts and editors read. */
export function toSarif(files: readonly LintedFile[], version: string) {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'crossbucket',
            version,
            rules: POLICY_RULES.map(({ code, title, help, severity }) => ({
              id: code,
              shortDescription: { text: title },
              help: { text: help },
              defaultConfiguration: { level: severity },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: files.flatMap(({ file, problems }) => problems.map((problem) => sarifResult(file, problem))),
      },
    ],
  };
}

const RULE_INDEX = new Map(POLICY_RULES.map(({ code }, index) => [code, index]));

function sarifResult(file: string, { code, severity, message, help, line, column }: LocatedProblem) {
  return {
    ruleId: code,
    ruleIndex: RULE_INDEX.get(code),
    level: severity satisfies Severity,
    message: { text: `${message}. ${help}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: {
            uri: encodeURI(file.replaceAll('\\', '/')).replaceAll(/[?#]/g, encodeURIComponent),
          },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  };
}
