import type { Cause, CauseCode, FailedElement, Outcome, Requirement, Statement } from '@crossbucket/policy';
import type { Edit } from './core/edit.ts';
import type { Probe } from './probe/run-probes.ts';

/** Why a call is allowed or denied, and what to change. */
export interface Explanation {
  outcome: Outcome;
  /** One sentence. */
  reason: string;
  question: ExplainedQuestion;
  /** The path: a role that is assumed after the other, then the call. */
  steps: ExplainedStep[];
  /** In the order in which they would be met: first those that hold in any case. */
  causes: ExplainedCause[];
  /** For `depends`: what must hold of keys that nobody told. */
  requires: Requirement[];
  /** What nobody could read. */
  unknowns: Unknown[];
  /** True where something could not be read. */
  partial: boolean;
  /** What else is worth knowing: `account 111111111111 has no role/nobody`. */
  notes: string[];
  /** Harmless calls that were made, where that was asked for: what can be told from outside. */
  probes?: Probe[];
  /** Where a message, record or error was given. */
  evidence?: WeighedEvidence;
  /** For whoever can read, or change, what this answer could not: ready to send. */
  message?: string;
}

/** What AWS said of a call that failed, held against what the policies say. */
export interface WeighedEvidence {
  message: string;
  code?: string;
  /** The cause that AWS names. */
  claim?: CauseCode;
  agrees: boolean;
  contradiction?: string;
}

export interface ExplainedQuestion {
  action: string;
  resource: string;
  /** ARN of who begins. */
  principal: string;
  /** ARNs of the roles that are assumed on the way. */
  via: string[];
}

export interface ExplainedStep {
  /** `sts:AssumeRole` */
  call: string;
  principal: string;
  /** What it is asked on first. */
  resource: string;
  outcome: Outcome;
  reason: string;
  authorizations: { action: string; resource: string; account?: string; outcome: Outcome; reason: string }[];
}

export interface ExplainedCause extends Cause {
  /** Index of the step. */
  step: number;
  /** The action that it keeps from being allowed, where it is about one. */
  action?: string;
  resource?: string;
  /** False where it holds unless keys that nobody told have the right values. */
  certain: boolean;
  /** What must be so for it not to hold, where it is not certain. */
  unless?: string[];
  /** The statement that denies, or that came closest, and the parts of it that do not fit. */
  nearest?: { statement: Statement; failed: FailedElement[] };
  /** Shows only when the causes before it are mended. */
  hidden?: true;
  fixes: Fix[];
}

export interface Fix {
  summary: string;
  /** Account that has to do it. */
  account: string;
  document: { kind: string; name: string; arn?: string };
  /** The document as it is and as it would be; null where there is none. */
  patch?: { before: unknown; after: unknown; diff: string };
  /** What the path comes to with it; undefined where only the world can tell. */
  outcome?: Outcome;
  /** The cause that is next then. */
  next?: CauseCode;
  /** What else it would allow; empty for nothing. */
  also: string;
  edit?: Edit;
}

export interface Unknown {
  account: string;
  /** `scp`, `principal arn:...`, `bucket-policy acme-reports` */
  what: string;
  why: string;
  /** Permission that was missing. */
  action?: string;
  /** What it could turn the answer into; undefined where the answer holds whatever it says. */
  could?: 'deny' | 'allow' | 'either';
}
