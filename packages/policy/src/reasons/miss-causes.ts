import type { CauseCode, FailedElement, Layer, NearestMiss } from '../decision.ts';

const TRUST_KEYS: ReadonlyMap<string, CauseCode> = new Map([
  ['sts:externalid', 'external-id-mismatch'],
  ['aws:multifactorauthpresent', 'mfa-required'],
  ['aws:multifactorauthage', 'mfa-required'],
]);

/** Of the actions on a role, only this one has an external id. */
const assumes = (action: string): boolean => action.toLowerCase() === 'sts:assumerole';

/** What a statement would have to allow. */
export interface Asked {
  layer: Layer;
  /** `sts:AssumeRole` */
  action: string;
}

/** One cause for what keeps a statement from applying, and the elements at fault that it is about. */
export interface MissCause {
  code: CauseCode;
  failed: FailedElement[];
}

/** Whether an id can be that of an earlier user or role of a caller's name. */
function isOfKind(id: string, caller: string): boolean {
  const isRole = caller.includes(':role/') || caller.includes(':assumed-role/');
  return (isRole ? /^AROA[A-Z0-9]+$/ : /^AIDA[A-Z0-9]+$/).test(id);
}

/**
 * What a statement that came close lacks, cause by cause: somebody who is gone is another matter than the second factor that the
 * same statement asks for.
 * @param general For whatever has no cause of its own.
 */
export function causesOfMiss(
  asked: Asked,
  { failed }: Pick<NearestMiss, 'failed'>,
  general: CauseCode,
): MissCause[] {
  const causes = new Map<CauseCode, FailedElement[]>();
  for (const element of failed) {
    const code = (isMeant(asked, failed) ? codeOf(asked, element) : undefined) ?? general;
    causes.set(code, [...(causes.get(code) ?? []), element]);
  }
  return [...causes].map(([code, parts]) => ({ code, failed: parts }));
}

/** The elements at fault that one of these causes is about. */
export function failuresOf(
  asked: Asked,
  { failed }: Pick<NearestMiss, 'failed'>,
  code: CauseCode,
): FailedElement[] {
  if (!isMeant(asked, failed)) return failed;
  const isOwn = failed.filter((element) => codeOf(asked, element) === code);
  return isOwn.length > 0 ? isOwn : failed.filter((element) => codeOf(asked, element) === undefined);
}

/**
 * A statement for other actions or resources is not the one that was meant. A role's trust is about this role alone: one that names
 * the caller is meant for it, whichever action it forgot.
 */
function isMeant({ layer, action }: Asked, failed: readonly FailedElement[]): boolean {
  const elements = new Set(failed.map(({ element }) => element));
  if (layer === 'trust-policy' && assumes(action) && !elements.has('Principal')) elements.delete('Action');
  return [...elements].every((element) => element === 'Principal' || element === 'Condition');
}

function codeOf(
  { layer, action }: Asked,
  { element, key, wanted, actual }: FailedElement,
): CauseCode | undefined {
  // A key's cause is the same, whoever its policy names.
  if (element === 'Principal')
    return layer !== 'key-policy' && wanted.some((name) => isOfKind(name, actual?.[0] ?? ''))
      ? 'stale-principal'
      : undefined;
  return layer === 'trust-policy' && assumes(action) ? TRUST_KEYS.get(key?.toLowerCase() ?? '') : undefined;
}
