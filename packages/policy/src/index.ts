export type {
  NamedPolicy,
  OneOrMany,
  PolicyDocument,
  PolicyKind,
  PrincipalElement,
  Statement,
} from './document.ts';
export { statementsOf } from './document.ts';
export type {
  AccessRequest,
  AclGrant,
  ContextValue,
  PolicyInput,
  PolicySet,
  PublicAccessBlock,
} from './request.ts';
export { CAUSE_CODES } from './decision.ts';
export type {
  Cause,
  CauseCode,
  Decision,
  FailedElement,
  Layer,
  LayerVerdict,
  NearestMiss,
  Outcome,
  Requirement,
  StatementRef,
} from './decision.ts';
export type {
  AccessPointSnapshot,
  AccountSnapshot,
  ApiCall,
  BucketSnapshot,
  CallDecision,
  EndpointSnapshot,
  KeyGrant,
  KeySnapshot,
  MemberSnapshot,
  ObjectFacts,
  OrganizationSnapshot,
  PrincipalSnapshot,
  SessionFacts,
  UnknownFact,
  World,
} from './snapshot.ts';
export { LEVELS, accessActions, accessStatements, keyUses } from './access-levels.ts';
export type { KeyUse, Level, LevelAccess } from './access-levels.ts';
export { authorizationsFor, operationsFor } from './calls/authorizations-for.ts';
export type { ActionUse } from './calls/authorizations-for.ts';
export { findCaller } from './world/callers.ts';
export type { KnownCaller } from './world/callers.ts';
export { findAccessPoint, findBucket, findKey } from './world/owners.ts';
export type { OwnedAccessPoint, OwnedBucket } from './world/owners.ts';
export { obstaclesTo } from './world/call-checks.ts';
export type { Obstacles } from './world/call-checks.ts';
export { parseCopySource } from './calls/s3-resources.ts';
export type { CopySource } from './calls/s3-resources.ts';
export { CATALOG_SOURCE } from './catalog/global.data.ts';
export type { AccessLevel, ActionInfo, KeyInfo, KeyType, ResourceInfo } from './catalog/read.ts';
export { actionsMatching, findAction, nearestAction } from './catalog.ts';
export { nearest } from './nearest.ts';
export { matchesGlob } from './glob.ts';
export { covers, globOf, overlaps } from './glob-sets.ts';
export { authorize, compile } from './authorize.ts';
export type { CompiledPolicySet } from './authorize.ts';
export type { LocatedProblem, Path, Problem, Severity } from './problem.ts';
export type { ParsedPolicy } from './parse.ts';
export { parsePolicy } from './parse.ts';
export { authorizeCall } from './authorize-call.ts';
export { failuresOf } from './reasons/miss-causes.ts';
export { isPublicPolicy } from './public-access.ts';
export type { LintOptions, RuleInfo } from './lint.ts';
export { POLICY_RULES, lint } from './lint.ts';
