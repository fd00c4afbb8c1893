/** A unified diff of two values as JSON, without file headers. */
export function diffOf(before: unknown, after: unknown): string {
  return diffOfLines(linesOf(before), linesOf(after));
}

const linesOf = (value: unknown): string[] =>
  value === null || value === undefined ? [] : JSON.stringify(value, null, 2).split('\n');

export interface Line {
  mark: ' ' | '-' | '+';
  text: string;
}

const CONTEXT = 3;

/** A unified diff of two texts, without file headers. */
export function diffOfLines(old: readonly string[], now: readonly string[]): string {
  const lines = compareLines(old, now);
  const isShown = (at: number) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ mark }) => mark !== ' ');
  const out: string[] = [];
  let [oldAt, nowAt] = [1, 1];
  for (let at = 0; at < lines.length; at++) {
    if (isShown(at) && (at === 0 || !isShown(at - 1))) {
      let end = at;
      while (end < lines.length && isShown(end)) end++;
      out.push(header(lines.slice(at, end), oldAt, nowAt));
    }
    const { mark, text } = lines[at]!;
    if (isShown(at)) out.push(`${mark}${text}`);
    if (mark !== '+') oldAt++;
    if (mark !== '-') nowAt++;
  }
  return out.join('\n');
}

function header(part: readonly Line[], oldAt: number, nowAt: number): string {
  const olds = part.filter(({ mark }) => mark !== '+').length;
  const nows = part.filter(({ mark }) => mark !== '-').length;
  return `@@ -${olds === 0 ? oldAt - 1 : oldAt},${olds} +${nows === 0 ? nowAt - 1 : nowAt},${nows} @@`;
}

/** The longest common lines stay; documents are short enough for the table. */
export function compareLines(old: readonly string[], now: readonly string[]): Line[] {
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const a = old.slice(start, old.length - end);
  const b = now.slice(start, now.length - end);
  const same = (text: string): Line => ({ mark: ' ', text });
  return [...old.slice(0, start).map(same), ...changed(a, b), ...old.slice(old.length - end).map(same)];
}

function changed(a: readonly string[], b: readonly string[]): Line[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i]![j] =
        a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ mark: ' ', text: a[i]! });
      i++;
      j++;
    } else if (i < a.length && (j === b.length || table[i + 1]![j]! >= table[i]![j + 1]!))
      lines.push({ mark: '-', text: a[i++]! });
    else lines.push({ mark: '+', text: b[j++]! });
  }
  return lines;
}
