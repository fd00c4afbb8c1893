export { evaluateEntries } from './evaluate-entries.ts';
export { lintFile } from './lint-files.ts';
export {
  AccountError,
  AccountReader,
  connect,
  readWorld,
  type AccountAddress,
  type AccountConnection,
} from './accounts/index.ts';
export {
  applyPlan,
  chooseGrants,
  exportGrants,
  findDrift,
  freshReaders,
  openAccounts,
  planGrants,
  rollBackTo,
  verifyGrants,
  type GrantPlan,
  type PlanOptions,
  type PlanProblem,
  type VerifyReport,
} from './grant/index.ts';
export { parseSpec, readSpec, type GrantSpec, type Spec } from './spec/index.ts';
