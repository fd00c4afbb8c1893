export {
  applyChanges,
  requireUnmoved,
  type ApplyOptions,
  type ApplyReport,
  type Step,
  type StepOutcome,
} from './apply.ts';
export { awsPrincipalsOf } from './aws-principals.ts';
export { backupFile, latestBackup, readBackup, writeBackup, type Backup } from './backup.ts';
export { canonicalStatement, canonicalText, type PrincipalIds } from './canonical.ts';
export { ChangeError, type ChangeErrorCode } from './change-error.ts';
export { changeSchema } from './change-schema.ts';
export {
  actionOf,
  canonicalState,
  idsOf,
  progressOf,
  stateHash,
  stateOf,
  type Change,
  type ChangeAction,
} from './change.ts';
export {
  identityOf,
  isSetting,
  isShared,
  nameOf,
  type DocumentKind,
  type DocumentRef,
  type SettingRef,
} from './document-ref.ts';
export { awsDocuments, type Documents } from './documents.ts';
export { INLINE_LIMITS } from './limits.ts';
export { inverseEdits, isRemoved, mergeStatements, type StatementEdits } from './merge.ts';
export { mergedText, parsedOrNull } from './merge-text.ts';
export { isOwned, ownedSid, readOwnedSid, shortHash, type OwnedSid } from './owned-sid.ts';
export { differingFacets, readRole, roleText, type RoleFacet, type RoleState } from './role-state.ts';
export { rollBack } from './roll-back.ts';
export { PACE, type Pace } from './settle.ts';
export {
  readTrail,
  settingsText,
  type BucketState,
  type TrailSelectors,
  type TrailState,
} from './trail-state.ts';
export { trailStateOf } from './stores/trail.ts';
export { stalePrincipals, type StalePrincipal } from './stale-principals.ts';
export { describeStatement } from './words.ts';
export { diffStatements, type StatementDiff } from './statement-diff.ts';
