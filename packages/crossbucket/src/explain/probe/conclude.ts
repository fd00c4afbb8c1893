import type { Situation } from '../core/situation.ts';
import { readError } from '../evidence/read-error.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { ExplainedStep, Explanation } from '../explanation.ts';
import type { MadeProbe, Probe } from './run-probes.ts';

/** Sessions of one role are one principal here: each is let in as the others are. */
export function isSamePrincipal(one: string, other: string): boolean {
  const plain = (arn: string) => arn.replace(/^(arn:[^:]+:sts::\d{12}:assumed-role\/[^/]+)\/.*$/, '$1');
  return plain(one) === plain(other);
}

/** The situation with what the probes tell of bucket and object. */
export function withProbes(situation: Situation, probes: readonly Probe[] = []): Situation {
  const isMissing = (call: string) =>
    probes.some((probe) => probe.call === call && probe.answer === 'missing');
  const region = probes.find((probe) => probe.region !== undefined)?.region;
  return {
    ...situation,
    facts: {
      ...situation.facts,
      ...(isMissing('HeadBucket') && { bucketMissing: true as const }),
      ...(isMissing('HeadObject') && { objectMissing: true as const }),
      ...(region !== undefined && { bucketRegion: region }),
    },
  };
}

/** What AWS said when it denied a call of the path, as evidence; the last of it says most. */
export function evidenceIn(
  probes: readonly MadeProbe[] = [],
  { calls }: Pick<Situation, 'calls'>,
): Evidence | undefined {
  const denied = probes.filter(({ step, answer }) => step !== undefined && answer === 'denied');
  const last = denied.findLast(({ call }) => call !== 'HeadObject' && call !== 'HeadBucket') ?? denied.at(-1);
  if (last === undefined || last.step! >= calls.length) return undefined;
  return readError(last.error);
}

/** The answer with what was tried: AWS's own decision settles what could not be read. */
export function conclude(explanation: Explanation, made: readonly MadeProbe[]): Explanation {
  const probes = made.map(withoutError);
  const steps = explanation.steps.map((step, index) => settled(step, index, probes));
  const told: Explanation = {
    ...explanation,
    steps,
    probes,
    notes: [...explanation.notes, ...untried(explanation, probes)],
  };
  const asked = `${explanation.question.action} on \`${explanation.question.resource}\``;
  const denied = probes.find(({ step, answer }) => step !== undefined && answer === 'denied');
  if (denied !== undefined && explanation.outcome !== 'deny') {
    const reason = `${asked} is denied: AWS refused ${denied.call} to \`${denied.as}\` when it was tried; which policy does, nobody here could read.`;
    return { ...told, outcome: 'deny', reason };
  }
  if (!steps.some(({ outcome }) => outcome !== 'allow') && explanation.outcome === 'depends')
    return { ...told, outcome: 'allow', reason: `${asked} is allowed: AWS took it when it was tried.` };
  const taken = probes.find(({ step, answer }) => step === steps.length - 1 && answer === 'allowed');
  if (taken === undefined || explanation.outcome !== 'deny' || !tellsAll(steps.at(-1)!, taken)) return told;
  const note = `AWS took ${taken.call} when it was tried, and by what could be read the call is denied: it was asked otherwise, or something has changed since`;
  return { ...told, notes: [...told.notes, note] };
}

function withoutError(made: MadeProbe): Probe {
  const { error: _, ...probe } = made;
  return probe;
}

/** What is not tried, as every call that would tell does something. */
function untried({ steps, question: { principal } }: Explanation, probes: readonly Probe[]): string[] {
  const [first] = probes;
  if (first === undefined || !isSamePrincipal(first.as, principal))
    return [`nobody here can make a call as \`${principal}\``];
  const isStopped = probes.some(({ step, answer }) => step !== undefined && answer !== 'allowed');
  const last = steps.length - 1;
  if (isStopped || probes.some(({ step, answer }) => step === last || answer === 'missing')) return [];
  return [`no harmless call tells whether ${steps[last]?.call ?? 'it'} is allowed`];
}

/** A step that depends, as AWS decided it. */
function settled(step: ExplainedStep, index: number, probes: readonly Probe[]): ExplainedStep {
  const own = probes.findLast((probe) => probe.step === index);
  if (step.outcome !== 'depends' || own === undefined) return step;
  if (own.answer === 'denied')
    return { ...step, outcome: 'deny', reason: `AWS refused ${own.call} when it was tried.` };
  if (own.answer !== 'allowed' || !tellsAll(step, own)) return step;
  return { ...step, outcome: 'allow', reason: `AWS took ${own.call} when it was tried.` };
}

/** The body of an object that is encrypted with a key of KMS takes that key, which a HEAD does not show. */
const tellsAll = ({ call }: ExplainedStep, { key }: Probe): boolean =>
  call !== 's3:GetObject' || key === undefined;
