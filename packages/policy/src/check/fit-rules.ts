import { splitArn } from '../arn.ts';
import { actionsMatching, findService } from '../catalog.ts';
import type { ActionInfo } from '../catalog/read.ts';
import { type GlobSet, globOf, globOfArn, overlaps } from '../glob-sets.ts';
import type { Path } from '../problem.ts';
import { faultsOfArn } from './arns.ts';
import { rulesOf } from './kinds.ts';
import { type Finding, type Rule, type Subject, eachStatement, quoted } from './rule.ts';
import { type StatementView, type TextAt, has, textsOf } from './statement.ts';

/** Longer ones are not compared: no ARN is longer, and the comparison takes the product of the lengths. */
const LONGEST = 2048;

/** A resource with its variables as wildcards. */
const globOfResource = (text: string): GlobSet => globOf(text.replaceAll(/\$\{[^}]*\}/g, '*'));

const typeGlobs = new Map<string, GlobSet>();

function globOfType(arn: string): GlobSet {
  let glob = typeGlobs.get(arn);
  if (glob === undefined) typeGlobs.set(arn, (glob = globOfArn(arn)));
  return glob;
}

/** What an action without resource types is asked on: everything, or in IAM everything of a kind. */
function isEverything(text: string): boolean {
  const [, , service, , , resource = ''] = splitArn(text) ?? [];
  return text === '*' || resource === '*' || (service === 'iam' && /^[a-z-]+\/\*?$/.test(resource));
}

/** Whether a text is an ARN that can be compared; other rules tell what is wrong with the rest. */
const isSound = (text: string): boolean => !text.startsWith('${') && faultsOfArn(text).length === 0;

/** A resource of a statement, and which types of resources it can name. */
class Resource {
  readonly text: string;
  readonly path: Path;
  private readonly glob: GlobSet;
  private readonly types = new Map<string, boolean>();

  constructor({ text, path }: TextAt) {
    this.text = text;
    this.path = path;
    this.glob = globOfResource(text);
  }

  fits(action: ActionInfo): boolean {
    if (action.resources.length === 0) return isEverything(this.text);
    return action.resources.some(({ arn }) => this.isOfType(arn));
  }

  private isOfType(arn: string): boolean {
    let known = this.types.get(arn);
    if (known === undefined) this.types.set(arn, (known = overlaps(globOfType(arn), this.glob)));
    return known;
  }
}

/** The actions that each text stands for; undefined where the catalog does not know one of them all. */
function knownActions(
  statement: StatementView,
): { text: string; path: StatementView['path']; actions: ActionInfo[] }[] | undefined {
  const named = [];
  for (const { text, path } of textsOf(statement, 'Action')) {
    if (text.startsWith('*')) return undefined;
    const prefix = text.slice(0, Math.max(0, text.indexOf(':')));
    const actions = actionsMatching(text);
    if (!findService(prefix)) return undefined;
    if (actions.length > 0) named.push({ text, path, actions });
  }
  return named;
}

function* misfits(statement: StatementView, { kind }: Subject): Generator<Finding> {
  if (!has(statement, 'Resource')) return;
  const named = knownActions(statement);
  const written = textsOf(statement, 'Resource').filter(({ text }) => text.length <= LONGEST);
  if (named === undefined || named.length === 0 || written.length === 0) return;
  const resources = written.map((resource) => new Resource(resource));
  if (resources.some(({ text }) => text === '*' || !isSound(text))) return;
  const severity = rulesOf(kind)?.strict ? 'error' : undefined;
  const used = new Set<string>();
  for (const { text, path, actions } of named) {
    let fit = false;
    for (const resource of resources) {
      if (!actions.some((action) => resource.fits(action))) continue;
      used.add(resource.text);
      fit = true;
    }
    if (fit) continue;
    const [first] = actions;
    yield {
      path,
      message: `${quoted(text)} acts on ${kindsOf(actions)}, and the statement names none`,
      help:
        first &&
        helpFor(
          first,
          resources.map((resource) => resource.text),
        ),
      severity,
    };
  }
  for (const { text, path } of resources) {
    if (used.has(text)) continue;
    // Accepted by every service: S3 refuses only an action that no resource of its statement suits.
    yield { path, message: `no action of the statement acts on ${quoted(text)}` };
  }
}

function kindsOf(actions: ActionInfo[]): string {
  const names = [...new Set(actions.flatMap(({ resources }) => resources.map(({ name }) => name)))];
  if (names.length === 0) return 'no particular resource';
  const plain = names.filter((name) => !name.startsWith('accesspoint'));
  const shown = (plain.length > 0 ? plain : names).slice(0, 3).map((name) => `\`${name}\``);
  return `resources of type ${shown.join(', ')}`;
}

function helpFor(action: ActionInfo, written: string[]): string {
  if (action.resources.length === 0) return 'Write `"Resource": "*"` in a statement of its own.';
  const bucket = written.find((text) => /^arn:[^:]*:s3:::[^/]+(\/.*)?$/.test(text));
  const types = new Set(action.resources.map(({ name }) => name));
  if (bucket !== undefined && types.has('object')) {
    return `Add \`${bucket}/*\`: a bucket and the objects in it are two resources.`;
  }
  if (bucket !== undefined && types.has('bucket')) {
    return `Add \`${bucket.slice(0, bucket.indexOf('/'))}\`: a bucket and the objects in it are two resources.`;
  }
  return `Name a resource like \`${action.resources[0]?.arn.replaceAll('+}', '}')}\`.`;
}

/** Whether the actions of a statement can act on its resources. */
export const FIT_RULES: readonly Rule[] = [
  {
    code: 'action-without-resource',
    title: 'An action and a resource that have nothing to do with each other',
    severity: 'warning',
    help: 'Name the resource that the action acts on.',
    find: eachStatement(misfits),
  },
];
