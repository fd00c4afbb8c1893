import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parsePolicy, type EndpointSnapshot, type PolicyDocument } from '@crossbucket/policy';
import type { AccountAddress } from '../accounts/connect.ts';
import { parseSpec } from './parse-spec.ts';
import type { Spec } from './schema.ts';
import { SpecError } from './spec-error.ts';
import { SPEC_FILE } from './spec-file.ts';

/** @throws SpecError where it cannot be read or is not valid */
export async function readSpec(file: string = SPEC_FILE): Promise<Spec> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const help = '`crossbucket init` writes one; --config names another';
    throw new SpecError(`\`${file}\` cannot be read${code === undefined ? '' : ` (${code})`}`, help, {
      cause,
    });
  }
  return parseSpec(text, file);
}

/** Where an account of the file is reached. */
export function addressOf({ accounts }: Spec, name: string): AccountAddress {
  const { id, profile, region } = accounts[name]!;
  return { name, id, profile, region };
}

/** The file's endpoints by id, with their policies, which may stand in files beside it. */
export async function endpointsOf(
  { endpoints = [] }: Spec,
  file: string = SPEC_FILE,
): Promise<Record<string, EndpointSnapshot>> {
  const read = endpoints.map(async ({ id, vpc, policy }): Promise<[string, EndpointSnapshot]> => {
    const document = typeof policy === 'string' ? await readPolicy(resolve(dirname(file), policy)) : policy;
    return [
      id,
      {
        id,
        ...(vpc !== undefined && { vpc }),
        ...(document && {
          policy: { name: `endpoint policy of ${id}`, document: document as unknown as PolicyDocument },
        }),
      },
    ];
  });
  return Object.fromEntries(await Promise.all(read));
}

async function readPolicy(file: string): Promise<PolicyDocument> {
  const help = 'name a JSON file with a policy document';
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new SpecError(`\`${file}\` cannot be read (${cause.code})`, help, { cause });
  });
  const { document, problems } = parsePolicy(text, 'vpc-endpoint');
  const problem = problems.find(({ severity }) => severity === 'error');
  if (document === undefined || problem)
    throw new SpecError(
      `${file}:${problem?.line ?? 1}:${problem?.column ?? 1}: ${problem?.message ?? 'not a policy'}`,
      problem?.help ?? help,
    );
  return document;
}
