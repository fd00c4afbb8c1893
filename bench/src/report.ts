/** One measured figure, beside its yardstick where it has one. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  yardstick?: { name: string; value: number };
}

export function printRows(title: string, rows: readonly Row[]): void {
  process.stdout.write(`\n${title}\n`);
  for (const { name, value, unit, yardstick } of rows) {
    const figure = `${format(value)} ${unit}`;
    const beside = yardstick
      ? `${ratio(value / yardstick.value)} of ${yardstick.name} (${format(yardstick.value)} ${unit})`
      : '';
    process.stdout.write(`  ${name.padEnd(44)} ${figure.padStart(22)}   ${beside}\n`);
  }
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
}

function ratio(value: number): string {
  return value >= 10 ? `${value.toFixed(0)} times` : `${(value * 100).toFixed(0)} %`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
