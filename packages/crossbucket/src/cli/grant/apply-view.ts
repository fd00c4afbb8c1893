import { nameOf, type ApplyReport, type Step } from '../../changes/index.ts';
import { printable, type Style } from '../terminal.ts';

export const stepJson = ({ change, outcome, redone }: Step) => ({
  account: change.document.account,
  document: nameOf(change.document),
  outcome,
  redone,
});

const MARKS = {
  written: 'done   ',
  already: 'already',
  failed: 'FAILED ',
  'not-done': 'not yet',
} as const;

export function stepLine({ change, outcome, redone }: Step, style: Style): string {
  const paint = outcome === 'failed' ? style.red : outcome === 'not-done' ? style.dim : style.green;
  const verb = change.after === null ? 'removed' : change.before === null ? 'created' : 'changed';
  const again =
    redone === 0
      ? ''
      : style.dim(` (made again ${redone} time${redone === 1 ? '' : 's'}: somebody else was writing)`);
  const what = outcome === 'written' ? ` ${verb}` : '';
  return `  ${paint(MARKS[outcome])}  account ${change.document.account}: ${printable(nameOf(change.document))}${what}${again}`;
}

export const isPartlyDone = ({ steps }: ApplyReport): boolean =>
  steps.some(({ outcome }) => outcome === 'written');
