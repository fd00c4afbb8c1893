import type { ContextValue } from '@crossbucket/policy';
import type { Evidence } from '../../explain/evidence/evidence.ts';
import type { Explanation } from '../../explain/explanation.ts';
import type { Question } from '../../explain/question/question.ts';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { jsonLine, type Terminal } from '../terminal.ts';
import { readInput } from '../read-input.ts';
import { applyFixes } from './apply-fixes.ts';
import { writeFixes } from './write-fixes.ts';
import { readSources, type SourceFlags } from './read-sources.ts';

export interface ExplainCommandOptions extends SourceFlags {
  as?: string;
  via?: string[];
  externalId?: string;
  context?: string[];
  input?: string;
  region?: string;
  expectedOwner?: string;
  error?: string;
  event?: string;
  probe?: boolean;
  fix?: string;
  apply?: boolean;
  yes?: boolean;
  pick?: number;
  format: 'text' | 'json' | 'mermaid';
  json?: boolean;
}

export async function runExplain(
  action: string | undefined,
  target: string | undefined,
  options: ExplainCommandOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const evidence = await readEvidence(options);
  const toldAll =
    evidence?.question.target !== undefined &&
    (evidence.question.action ?? evidence.question.operation) !== undefined;
  if ((action === undefined || target === undefined) && !toldAll)
    throw new UsageError(
      evidence === undefined ? 'there is no question' : 'the message does not tell which call it is about',
      'ask for an action and a target: crossbucket explain s3:GetObject s3://BUCKET/KEY',
    );
  const [{ answer }, sources] = await Promise.all([import('../../explain/answer.ts'), readSources(options)]);
  const question: Question = {
    ...evidence?.question,
    ...(action !== undefined && target !== undefined && { action, target, operation: undefined }),
    ...(options.as !== undefined && { as: options.as }),
    via: rolesOf(options),
    input: inputOf(options, action),
    context: { ...evidence?.question.context, ...parseContext(options.context), ...sources.context },
    ...(options.region !== undefined && { region: options.region }),
  } as Question;
  const ask = () => answer(question, { ...sources, probe: options.probe, ...(evidence && { evidence }) });
  let explanation = await ask();
  if (options.fix !== undefined) await writeFixes(options.fix, explanation, terminal);
  if (options.apply === true) explanation = await applyFixes(explanation, ask, options, sources, terminal);
  await print(explanation, options, terminal);
  return explanation.outcome === 'allow' ? EXIT.done : EXIT.no;
}

async function readEvidence({ error, event }: ExplainCommandOptions): Promise<Evidence | undefined> {
  if (error !== undefined && event !== undefined)
    throw new UsageError('--error and --event are two accounts of one call', 'give the one that tells more');
  if (event !== undefined)
    return (await import('../../explain/evidence/read-event.ts')).readEvent(await readInput(event));
  if (error === undefined) return undefined;
  const { readError } = await import('../../explain/evidence/read-error.ts');
  return readError(error === '-' ? await readInput('-') : error);
}

const rolesOf = ({ via, externalId }: ExplainCommandOptions) =>
  via?.map((roleArn, index) => ({
    roleArn,
    ...(externalId !== undefined && index === via.length - 1 && { input: { ExternalId: externalId } }),
  }));

async function print(
  explanation: Explanation,
  { format, json }: ExplainCommandOptions,
  terminal: Terminal,
): Promise<void> {
  if (json === true || format === 'json') {
    terminal.out.write(jsonLine(explanation));
    return;
  }
  if (format === 'mermaid') {
    const { explanationMermaid } = await import('./mermaid.ts');
    terminal.out.write(explanationMermaid(explanation));
    return;
  }
  const { explanationText } = await import('./view.ts');
  terminal.out.write(explanationText(explanation, terminal.style));
}

/** `KEY=VALUE`; a key that is there several times has several values. */
export function parseContext(pairs: readonly string[] = []): Record<string, ContextValue> {
  const context: Record<string, ContextValue> = {};
  for (const pair of pairs) {
    const cut = pair.indexOf('=');
    const key = pair.slice(0, Math.max(0, cut));
    if (!/^[a-z0-9-]+:[\w./:@=+-]+$/i.test(key))
      throw new UsageError(
        `\`${pair}\` is no condition key with a value`,
        'write it as aws:SourceIp=203.0.113.7',
      );
    const value = pair.slice(cut + 1);
    const known = context[key];
    context[key] = known === undefined ? value : [known, value].flat().map(String);
  }
  return context;
}

/** What is passed beside bucket and key; an external id where the question is about the role itself. */
function inputOf(
  { input, expectedOwner, externalId, via = [] }: ExplainCommandOptions,
  action = '',
): Record<string, unknown> {
  return {
    ...(expectedOwner !== undefined && { ExpectedBucketOwner: expectedOwner }),
    ...(externalId !== undefined &&
      via.length === 0 &&
      /assumerole/i.test(action) && { ExternalId: externalId }),
    ...parseInput(input),
  };
}

function parseInput(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new UsageError(
    '`--input` is no JSON object',
    `write the members of the SDK's input: '{"RequestPayer":"requester"}'`,
  );
}
