import type { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

/** Where a command writes: results to `out`, everything else to `err`. */
export interface Terminal {
  out: Writable;
  err: Writable;
  style: Style;
}

type Paint = (text: string) => string;
export interface Style {
  bold: Paint;
  dim: Paint;
  green: Paint;
  red: Paint;
}

const plain: Style = { bold: String, dim: String, green: String, red: String };
const coloured: Style = {
  bold: paint(1, 22),
  dim: paint(2, 22),
  green: paint(32, 39),
  red: paint(31, 39),
};

/** Colours only on a terminal, and never against `NO_COLOR` (https://no-color.org). */
export function openTerminal(): Terminal {
  const colours = process.stdout.isTTY === true && !process.env['NO_COLOR'];
  return { out: process.stdout, err: process.stderr, style: colours ? coloured : plain };
}

function paint(open: number, close: number): Paint {
  return (text) => `\u001B[${open}m${text}\u001B[${close}m`;
}

/** Text from outside (keys, messages, policies) without what a terminal would obey. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are the characters that must not reach a terminal
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u001F\u007F-\u009F]/g, '\uFFFD');
}

/** A value as JSON, on one line unless it is indented, in which no character is one that a terminal would obey. */
export const jsonLine = (value: unknown, indent?: number): string =>
  `${JSON.stringify(value, undefined, indent).replaceAll(/[\u007F-\u009F]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)}\n`;
