export { explain, type Answer } from './explain.ts';
export { explainSituation } from './explain-situation.ts';
export { ExplainError, type ExplainErrorCode } from './explain-error.ts';
export type {
  ExplainedCause,
  ExplainedQuestion,
  ExplainedStep,
  Explanation,
  Fix,
  Unknown,
} from './explanation.ts';
export type { Evidence } from './evidence/evidence.ts';
export { readError } from './evidence/read-error.ts';
export { readEvent } from './evidence/read-event.ts';
export type { ExplainOptions, Question } from './question/question.ts';
export type { Situation } from './core/situation.ts';
export { whoOf, reachOfPrincipal, type WhoAnswer } from './who/answer-who.ts';
export type { AccessRow } from './who/access-row.ts';
