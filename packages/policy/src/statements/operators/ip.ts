/** An address as 16-bit groups: two for version 4, eight for version 6. */
export type Address = readonly number[];

export interface AddressRange {
  address: Address;
  prefix: number;
}

/** `203.0.113.0/24`, `2001:db8::/32`, or one address. */
export function parseRange(text: string): AddressRange | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const bits = address.length * 16;
  if (slash < 0) return { address, prefix: bits };
  const digits = text.slice(slash + 1);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(digits) || Number(digits) > bits) return undefined;
  return { address, prefix: Number(digits) };
}

export function isInRange(address: Address, range: AddressRange): boolean {
  if (address.length !== range.address.length) return false;
  for (let group = 0; group * 16 < range.prefix; group++) {
    const bits = Math.min(16, range.prefix - group * 16);
    if ((address[group]! ^ range.address[group]!) >>> (16 - bits) !== 0) return false;
  }
  return true;
}

export function parseAddress(text: string): Address | undefined {
  if (text.length > 45) return undefined;
  return text.includes(':') ? parseVersion6(text) : parseVersion4(text);
}

function parseVersion4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  const [a, b, c, d] = parts.map(Number);
  return [a! * 256 + b!, c! * 256 + d!];
}

function parseVersion6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

/** The last group may be an address of version 4. */
function groupsOf(text: string, endsAddress: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (endsAddress && i === parts.length - 1 && part.includes('.')) {
      const embedded = parseVersion4(part);
      if (embedded === undefined) return undefined;
      groups.push(...embedded);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}
