/** `error`: AWS refuses the document. `warning`: it does not do what it seems to, or is unsafe. `note`: it could be better. */
export type Severity = 'error' | 'warning' | 'note';

/** Keys and indexes from the document down to a value. */
export type Path = readonly (string | number)[];

/** Something wrong or unwise in a policy document. */
export interface Problem {
  /** Stable: `unknown-action`. */
  code: string;
  severity: Severity;
  /** What is wrong, with the document's own text in backticks. */
  message: string;
  /** What to do about it. */
  help: string;
  /** The value that it is about. */
  path: Path;
  /** Where not the value is at fault, but the name that it stands under. */
  part?: 'key';
  /** One-based, where the document came as text. */
  line?: number;
  /** One-based, in UTF-16 units. */
  column?: number;
}

/** A problem of a text. */
export type LocatedProblem = Problem & { line: number; column: number };
