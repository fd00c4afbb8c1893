import { findDrift, freshReaders, type DriftedDocument } from '../../grant/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printable, type Style, type Terminal } from '../terminal.ts';
import { diffLines } from './plan-view.ts';
import { openSession, type GrantOptions } from './session.ts';

export async function drift(names: string[], options: GrantOptions, terminal: Terminal): Promise<ExitCode> {
  const { spec, grants, connections, side } = await openSession(names, options);
  const found = await findDrift(spec, grants, freshReaders(connections), side);
  if (options.json) terminal.out.write(`${JSON.stringify({ drifted: found })}\n`);
  else terminal.out.write(driftText(found, terminal.style));
  return found.length === 0 ? EXIT.done : EXIT.no;
}

function driftText(found: readonly DriftedDocument[], style: Style): string {
  if (found.length === 0) return 'Nothing has changed: every document is as the grants say.\n';
  const lines = found.flatMap(
    ({ account, document, kind, grants, statements, settings, adds, removes, detail }) => [
      `${style.bold(`account ${account}, ${printable(document)}`)}: ${kind}  ${style.dim(`(${grants.join(', ')})`)}`,
      ...(detail === undefined ? [] : [`  ${printable(detail)}`]),
      ...settings.map(
        ({ name, expected, actual }) =>
          `  ${name}: ${printable(JSON.stringify(expected))} is now ${printable(JSON.stringify(actual))}`,
      ),
      ...statements.flatMap((diff) => diffLines(diff, style)),
      ...adds.map((words) => `  ${style.red('now')} ${printable(words)}`),
      ...removes.map((words) => `  ${style.red('no longer')} ${printable(words)}`),
      '',
    ],
  );
  return `${lines.join('\n')}\n`;
}
