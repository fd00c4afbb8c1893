export { applyFresh, applyPlan, rollBackTo, type ApplyPlanOptions } from './apply-plan.ts';
export { findDrift, type DriftedDocument } from './drift.ts';
export { documentsFor, type GrantDocuments } from './documents-for.ts';
export { factsOf, policyName, type GrantFacts, type KeyFacts, type SourcePrincipal } from './facts.ts';
export { EXPORT_FORMATS, exportGrants, type Exported, type ExportFormat } from './export/export-grants.ts';
export { gather, type Readers } from './gather.ts';
export type { PlannedChange } from './goals.ts';
export { GrantError, type GrantErrorCode } from './grant-error.ts';
export { importGrants, proposalText } from './import/import-grants.ts';
export { proposeSpec, type Proposal } from './import/propose.ts';
export { freshReaders, openAccounts, type Connections } from './open-accounts.ts';
export { readPlan, writePlan } from './plan-file.ts';
export {
  chooseGrants,
  planGrants,
  type GrantPlan,
  type PlannedGrant,
  type PlannedStates,
  type PlanOptions,
  type Side,
} from './plan-grants.ts';
export type { PlanProblem, ProblemCode } from './problem.ts';
export type { Check } from './verify/check.ts';
export { verifyGrants, type VerifyOptions, type VerifyReport } from './verify/verify-grants.ts';
export type { GrantState } from './state.ts';
