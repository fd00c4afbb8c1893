import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { jsonLine, type Terminal } from '../terminal.ts';
import { WHO_VIEWS } from './who-view.ts';
import { readSources, type SourceFlags } from './read-sources.ts';

export interface WhoCommandOptions extends SourceFlags {
  as?: string;
  inside?: boolean;
  format: 'text' | 'json' | 'csv' | 'mermaid';
  json?: boolean;
}

export async function runWho(
  bucket: string | undefined,
  options: WhoCommandOptions,
  { out, style }: Terminal,
): Promise<ExitCode> {
  if ((bucket === undefined) === (options.as === undefined))
    throw new UsageError(
      'who asks about a bucket, or about a principal',
      'write `crossbucket who s3://BUCKET` or `crossbucket who --as ARN`',
    );
  const [{ whoOf, reachOfPrincipal }, sources] = await Promise.all([
    import('../../explain/who/answer-who.ts'),
    readSources(options),
  ]);
  const answer =
    bucket === undefined
      ? await reachOfPrincipal(options.as!, sources)
      : await whoOf(bucket, { ...sources, inside: options.inside === true });
  const format = options.json === true ? 'json' : options.format;
  if (format === 'json') out.write(jsonLine(answer));
  else out.write(WHO_VIEWS[format](answer, style));
  return EXIT.done;
}
