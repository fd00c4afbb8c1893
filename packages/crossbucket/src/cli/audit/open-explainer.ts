import { existsSync } from 'node:fs';
import type { Evidence } from '../../explain/evidence/evidence.ts';
import type { Explanation } from '../../explain/explanation.ts';

/** Explains a recorded call, made at a time (ISO 8601). */
export type Explainer = (evidence: Evidence, now: string) => Promise<Explanation>;

export interface ExplainerOptions {
  config?: string;
  state?: string;
}

/**
 * Explains by a state file, as things were then; else by the accounts of a configuration, as they are now, each document
 * read once. Undefined where there is neither.
 */
export async function openExplainer({ config, state }: ExplainerOptions): Promise<Explainer | undefined> {
  const { endpointsOf, readSpec, SPEC_FILE } = await import('../../spec/index.ts');
  const file = config ?? (state === undefined && existsSync(SPEC_FILE) ? SPEC_FILE : undefined);
  const spec = file === undefined ? undefined : await readSpec(file);
  const endpoints = spec === undefined ? {} : await endpointsOf(spec, file);
  if (state !== undefined) {
    const { readStateFile, worldOfState } = await import('@crossbucket/sandbox');
    const world = await worldOfState(await readStateFile(state));
    const { explainRecorded } = await import('../../explain/explain-recorded.ts');
    return async (evidence, now) => explainRecorded(world, evidence, { now, endpoints });
  }
  if (spec === undefined) return undefined;
  const [{ answer }, { openReading }] = await Promise.all([
    import('../../explain/answer.ts'),
    import('../../explain/collect/sources.ts'),
  ]);
  const reading = await openReading({ spec });
  return async (evidence, now) => {
    const { action = '', target = '', ...question } = evidence.question;
    return answer({ ...question, action, target }, { reading, endpoints, evidence, now });
  };
}
