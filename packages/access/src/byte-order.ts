/**
 * Compares as the bytes of UTF-8 do, which is the order of S3's listings. JavaScript's own order differs: it sorts the
 * halves of characters beyond U+FFFF before U+E000.
 */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

const rank = (unit: number) => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x1_0000 : unit);
