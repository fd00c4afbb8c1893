import type { ContextValue } from '@crossbucket/policy';
import type { Explanation } from '../../explain/explanation.ts';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { readSources, type SourceFlags } from './read-sources.ts';

export interface ExplainCommandOptions extends SourceFlags {
  as?: string;
  via?: string[];
  externalId?: string;
  context?: string[];
  input?: string;
  region?: string;
  format: 'text' | 'json' | 'mermaid';
  json?: boolean;
}

export async function runExplain(
  action: string | undefined,
  target: string | undefined,
  options: ExplainCommandOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (action === undefined || target === undefined)
    throw new UsageError(
      'there is no question',
      'ask for an action and a target: crossbucket explain s3:GetObject s3://BUCKET/KEY',
    );
  const [{ answer }, sources] = await Promise.all([import('../../explain/answer.ts'), readSources(options)]);
  const explanation = await answer(
    {
      action,
      target,
      as: options.as,
      via: options.via?.map((roleArn, index, all) => ({
        roleArn,
        ...(options.externalId !== undefined &&
          index === all.length - 1 && { input: { ExternalId: options.externalId } }),
      })),
      input: parseInput(options.input),
      context: { ...parseContext(options.context), ...sources.context },
      region: options.region,
    },
    sources,
  );
  await print(explanation, options, terminal);
  return explanation.outcome === 'allow' ? EXIT.done : EXIT.no;
}

async function print(
  explanation: Explanation,
  { format, json }: ExplainCommandOptions,
  terminal: Terminal,
): Promise<void> {
  if (json === true || format === 'json') {
    terminal.out.write(`${JSON.stringify(explanation)}\n`);
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
