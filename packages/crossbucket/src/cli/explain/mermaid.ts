import { printable } from '../terminal.ts';
import type { Explanation } from '../../explain/explanation.ts';

/** What would end a label, start a directive (`%%{`) or be markup, as the entities that Mermaid knows. */
const ENTITIES: Readonly<Record<string, string>> = {
  '"': '#quot;',
  '#': '#35;',
  '%': '#37;',
  '&': '#amp;',
  '<': '#lt;',
  '>': '#gt;',
  '`': '#96;',
};

/** A text inside of a node or on an edge, whatever it holds. */
export const label = (text: string): string =>
  `"${printable(text)
    .replaceAll(/[\u2028\u2029]/g, ' ')
    .replaceAll(/["#%&<>`]/g, (letter) => ENTITIES[letter]!)}"`;

/** The path as a picture: what is denied is red and dotted. */
export function explanationMermaid({ question, steps, causes }: Explanation): string {
  const lines = ['flowchart LR', `  n0[${label(question.principal)}]`];
  const broken: number[] = [];
  for (const [index, { call, resource, outcome }] of steps.entries()) {
    const mine = causes.filter(({ step }) => step === index).map(({ code }) => code);
    const words = [call, ...mine].join(', ');
    lines.push(
      `  n${index} ${outcome === 'allow' ? '-->' : '-.->'}|${label(words)}| n${index + 1}[${label(resource)}]`,
    );
    if (outcome === 'deny') broken.push(index);
  }
  if (broken.length > 0) lines.push(`  linkStyle ${broken.join(',')} stroke:#c00,color:#c00`);
  return `${lines.join('\n')}\n`;
}
