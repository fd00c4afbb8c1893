import { parsePolicy, type PolicyDocument } from '@crossbucket/policy';
import { SandboxError } from '../errors.ts';
import type { Endpoint } from '../gate/network.ts';
import type { EndpointConfig } from './config.ts';

/** The VPC endpoints of a config. One without a policy lets everything through, as AWS's default does. */
export function endpointsOf(configs: readonly EndpointConfig[] = []): Endpoint[] {
  return configs.map(({ id, vpc, policy }) => ({
    id,
    ...(vpc !== undefined && { vpc }),
    ...(policy && { policy: { name: `endpoint policy of ${id}`, document: checked(id, policy) } }),
  }));
}

function checked(id: string, document: object): PolicyDocument {
  const { problems } = parsePolicy(JSON.stringify(document), 'vpc-endpoint');
  const problem = problems.find(({ severity }) => severity === 'error');
  if (!problem) return document as PolicyDocument;
  throw new SandboxError(
    'InvalidConfig',
    `the policy of the endpoint \`${id}\` is not valid: ${problem.message}`,
    problem.help ?? 'mend the document; `crossbucket lint FILE` shows every problem of one',
  );
}
