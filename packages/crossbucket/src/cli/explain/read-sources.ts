import { existsSync } from 'node:fs';
import { parsePolicy, type ContextValue, type EndpointSnapshot } from '@crossbucket/policy';
import type { ExplainOptions } from '../../explain/question/question.ts';
import { UsageError } from '../errors.ts';
import { readInput } from '../read-input.ts';

/** Flags that say where to read from. */
export interface SourceFlags {
  profile?: string[];
  config?: string;
  endpointPolicy?: string;
}

/** An endpoint whose id nobody told. */
const UNNAMED = 'vpce-unnamed';

/** The configuration, where there is one, with its endpoints; and the endpoint of a file, which the call goes through. */
export async function readSources(
  flags: SourceFlags,
): Promise<ExplainOptions & { context: Record<string, ContextValue> }> {
  const { endpointsOf, readSpec, SPEC_FILE } = await import('../../spec/index.ts');
  const file = flags.config ?? SPEC_FILE;
  const spec = flags.config !== undefined || existsSync(file) ? await readSpec(file) : undefined;
  const endpoints: Record<string, EndpointSnapshot> = spec === undefined ? {} : await endpointsOf(spec, file);
  const context: Record<string, ContextValue> = {};
  if (flags.endpointPolicy !== undefined) {
    endpoints[UNNAMED] = await readEndpoint(flags.endpointPolicy);
    context['aws:SourceVpce'] = UNNAMED;
  }
  return { spec, profiles: flags.profile, endpoints, context };
}

async function readEndpoint(file: string): Promise<EndpointSnapshot> {
  const { document, problems } = parsePolicy(await readInput(file), 'vpc-endpoint');
  const problem = problems.find(({ severity }) => severity === 'error');
  if (document === undefined || problem !== undefined)
    throw new UsageError(
      `${file}:${problem?.line ?? 1}:${problem?.column ?? 1}: ${problem?.message ?? 'not a policy'}`,
      problem?.help ?? 'name a JSON file with a policy document',
    );
  return { id: UNNAMED, policy: { name: `endpoint policy of ${file}`, document } };
}
