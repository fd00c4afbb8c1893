import type { Explanation } from '../../explain/explanation.ts';

/** A text inside of a node or on an edge. */
export const label = (text: string): string =>
  `"${text.replaceAll('"', '#quot;').replaceAll(/[\n\r<>`]/g, ' ')}"`;

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
