export { AuditError, type AuditErrorCode } from './audit-error.ts';
export { loadRecords, type LoadedRecords, type LoadOptions } from './load-records.ts';
export type { FileProblem, ReadSummary } from './summary.ts';
export type { Answer, AnswerRow, Engine, Value } from './engines/engine.ts';
export { openDuckDb, openEngine } from './engines/duckdb.ts';
export { isInScope, parseLogKey, type LogKey, type Scope } from './sources/key-layout.ts';
export type { Source, SourceFile } from './sources/source.ts';
export { folderSource } from './sources/folder.ts';
export { streamSource } from './sources/stdin.ts';
export { parseS3Uri, s3Source } from './sources/s3.ts';
export { lookupSource, type LookupOptions } from './sources/lookup.ts';
export { conditionOf, parseTime, type Filters } from './questions/filters.ts';
export {
  accessQuestion,
  DIMENSIONS,
  sessionsQuestion,
  spanQuestion,
  topQuestion,
  usedQuestion,
  type Question,
} from './questions/questions.ts';
export { deniedQuestion } from './questions/denied.ts';
export { apiCallOf, operationOf, parseObject } from './replay/api-call.ts';
export { watchQuestion } from './questions/watch-question.ts';
export { watchCalls, type WatchOptions } from './watch/watch-calls.ts';
export type { AuditedGrant } from './grants/grant.ts';
export {
  askUses,
  grantUse,
  type ActionUse,
  type GrantUse,
  type PatternUse,
  type UsedRow,
} from './grants/grant-use.ts';
export { shrinkGrant, type RemovedPart, type ShrinkOptions, type ShrunkGrant } from './grants/shrink.ts';
export { replay, type Replay, type Unproved } from './replay/replay.ts';
export { findFindings, FINDING_RULES, type Finding } from './findings/find-findings.ts';
export { findingsSarif } from './findings/sarif.ts';
export type { Severity } from './findings/rule.ts';
export type { TrailVerification, VerifyClients, VerifyProblem } from './verify/verify-trail.ts';
export { verifyTrail } from './verify/load-verify.ts';
export {
  openAthena,
  type AthenaEngine,
  type AthenaOptions,
  type AthenaSummary,
} from './engines/athena/athena-engine.ts';
export { athenaClient } from './engines/athena/client.ts';
export { openDry, type DryRun } from './engines/athena/dry-engine.ts';
export type { AthenaTable } from './engines/athena/table.ts';
