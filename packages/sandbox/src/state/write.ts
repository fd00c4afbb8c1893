/** Text that YAML reads as itself without quotes, whatever its version. */
export const PLAIN =
  /^(?!(?:true|false|yes|no|on|off|null|y|n|nan|inf)$)[A-Za-z_/][\w./+=-]*(?::[\w./+=@*-]+)*$/i;

/**
 * Writes plain data as YAML: blocks, two spaces deeper each, with scalars as JSON has them where they are not plain. A
 * library takes several times as long over a large state.
 */
export function writeState(value: Readonly<Record<string, unknown>>): string {
  const lines: string[] = [];
  writeMembers(Object.entries(value), '', lines);
  return `${lines.join('\n')}\n`;
}

function writeMembers(
  entries: readonly [string, unknown][],
  indent: string,
  lines: string[],
  first = indent,
): void {
  let start = first;
  for (const [name, value] of entries) {
    const line = `${start}${scalar(name)}:`;
    start = indent;
    const text = inline(value);
    if (text !== undefined) lines.push(`${line} ${text}`);
    else if (typeof value === 'string') writeBlock(line, value, indent, lines);
    else {
      lines.push(line);
      writeNested(value as object, `${indent}  `, lines);
    }
  }
}

function writeNested(value: object, indent: string, lines: string[]): void {
  if (!Array.isArray(value)) {
    writeMembers(Object.entries(value), indent, lines);
    return;
  }
  for (const item of value as unknown[]) {
    const text = inline(item) ?? (typeof item === 'string' ? JSON.stringify(item) : undefined);
    if (text !== undefined) lines.push(`${indent}- ${text}`);
    else if (Array.isArray(item)) {
      lines.push(`${indent}-`);
      writeNested(item, `${indent}  `, lines);
    } else writeMembers(Object.entries(item as object), `${indent}  `, lines, `${indent}- `);
  }
}

/** What fits on its name's line. */
function inline(value: unknown): string | undefined {
  if (typeof value === 'string') return isBlock(value) ? undefined : scalar(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value) && value.length === 0) return '[]';
  return Object.keys(value).length === 0 ? '{}' : undefined;
}

function scalar(text: string): string {
  return PLAIN.test(text)
    ? text
    : JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff]/g, escaped);
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Documents that people have laid out stay so. */
const isBlock = (text: string): boolean =>
  text.includes('\n') && /^[^\s](?:[\n\x20-\x7e\u00a0-\ud7ff])*$/.test(text) && !/[ \n]$|\n[ ]*\n/.test(text);

function writeBlock(line: string, text: string, indent: string, lines: string[]): void {
  lines.push(`${line} |-`, ...text.split('\n').map((part) => `${indent}  ${part}`));
}
