import { type Finding, type Rule, type Subject, eachStatement, quoted } from '../check/rule.ts';
import { type StatementView, type TextAt, effectOf, has, principalsOf, textsOf } from '../check/statement.ts';
import { type GlobSet, covers, globOf } from '../glob-sets.ts';

/** Comparing all with all takes the square of their number: what is left of this many letter pairs is not compared. */
class Budget {
  private left = 5_000_000;

  covers(a: GlobSet, b: GlobSet): boolean {
    this.left -= (a.length + 1) * (b.length + 1);
    return this.left > 0 && covers(a, b);
  }
}

const normalized = (element: string, text: string): string =>
  element.endsWith('Action') ? text.toLowerCase() : text;

function globsOf(texts: readonly TextAt[], element: string): { at: TextAt; glob: GlobSet }[] {
  return texts.map((at) => ({ at, glob: globOf(normalized(element, at.text)) }));
}

function* withinStatement(statement: StatementView, budget: Budget): Generator<Finding> {
  for (const element of ['Action', 'NotAction', 'Resource', 'NotResource']) {
    const all = globsOf(textsOf(statement, element), element);
    for (const [index, { at, glob }] of all.entries()) {
      const wider = all.find(
        (other, position) =>
          position !== index &&
          budget.covers(other.glob, glob) &&
          // Of two that cover each other, the later one is redundant.
          (position < index || !budget.covers(glob, other.glob)),
      );
      if (wider === undefined) continue;
      yield { path: at.path, message: `${quoted(wider.at.text)} covers ${quoted(at.text)} already` };
    }
  }
}

/** A statement, taken apart for comparison. */
interface Parts {
  statement: StatementView;
  effect: unknown;
  actions: GlobSet[];
  resources: GlobSet[];
  /** `type:name` */
  principals: Set<string>;
  /** Undefined without conditions. */
  conditions: string | undefined;
}

function partsOf(statement: StatementView): Parts | undefined {
  if (['NotAction', 'NotResource', 'NotPrincipal'].some((element) => has(statement, element)))
    return undefined;
  const condition = has(statement, 'Condition') ? JSON.stringify(statement.raw['Condition']) : '{}';
  return {
    statement,
    effect: effectOf(statement),
    actions: globsOf(textsOf(statement, 'Action'), 'Action').map(({ glob }) => glob),
    resources: globsOf(textsOf(statement, 'Resource'), 'Resource').map(({ glob }) => glob),
    principals: new Set(
      principalsOf(statement, 'Principal').map(({ type, text }) => (text === '*' ? '*' : `${type}:${text}`)),
    ),
    conditions: condition === '{}' ? undefined : condition,
  };
}

/** Whether what one statement says, another says as well. */
function includes(wide: Parts, narrow: Parts, budget: Budget): boolean {
  const all = (a: GlobSet[], b: GlobSet[]) =>
    b.every((glob) => a.some((other) => budget.covers(other, glob)));
  return (
    wide.effect === narrow.effect &&
    (wide.conditions === undefined || wide.conditions === narrow.conditions) &&
    (wide.principals.has('*') || [...narrow.principals].every((name) => wide.principals.has(name))) &&
    all(wide.actions, narrow.actions) &&
    all(wide.resources, narrow.resources)
  );
}

function nameOf({ statement }: Parts): string {
  const sid = has(statement, 'Sid') ? statement.raw['Sid'] : undefined;
  return typeof sid === 'string' && sid !== ''
    ? `statement ${quoted(sid)}`
    : `statement ${Number(statement.path[1] ?? 0) + 1}`;
}

function* betweenStatements({ statements }: Subject): Generator<Finding> {
  const budget = new Budget();
  const parts = statements.flatMap((statement) => partsOf(statement) ?? []);
  for (const [index, narrow] of parts.entries()) {
    const wide = parts.find(
      (other, position) =>
        position !== index &&
        includes(other, narrow, budget) &&
        (position < index || !includes(narrow, other, budget)),
    );
    if (wide === undefined) continue;
    yield { path: narrow.statement.path, message: `${nameOf(wide)} says all that this one does` };
  }
}

export const REDUNDANCY_ADVICE: readonly Rule[] = [
  {
    code: 'redundant-element',
    title: 'An action or resource that another of the same statement covers',
    severity: 'note',
    help: 'Remove it.',
    *find(subject) {
      const budget = new Budget();
      yield* eachStatement((statement) => withinStatement(statement, budget))(subject);
    },
  },
  {
    code: 'redundant-statement',
    title: 'A statement that another makes redundant',
    severity: 'note',
    help: 'Remove it.',
    find: betweenStatements,
  },
];
