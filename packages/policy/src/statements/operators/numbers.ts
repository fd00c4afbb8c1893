const DECIMAL = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)$/;

/** An integer or a decimal, as the Numeric operators take them. */
export function parseNumber(text: string): number | undefined {
  return DECIMAL.test(text) ? Number(text) : undefined;
}
