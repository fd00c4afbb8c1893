import type { SandboxState } from './import.ts';

// The YAML library is loaded when there is a state to read.

/** Reads a state file. @throws SandboxError `InvalidState`, with line and column. */
export async function readStateFile(path: string): Promise<SandboxState> {
  const { readFileSync } = await import('node:fs');
  const { SandboxError } = await import('../errors.ts');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SandboxError(
      'InvalidState',
      `cannot read the state file \`${path}\`: ${(cause as NodeJS.ErrnoException).code ?? (cause as Error).message}`,
      'name a file that `crossbucket sandbox export` has written',
      { cause },
    );
  }
  return parseState(text, path);
}

/** Reads a state's text; `path` is what errors call it. */
export async function parseState(text: string, path = 'the state'): Promise<SandboxState> {
  return (await import('./import.ts')).parseState(text, path);
}
