/** Where in a file something is. */
export type Place = readonly (string | number)[];

/** What a file says and cannot mean. */
export class StateProblem extends Error {
  readonly place: Place;
  readonly help: string | undefined;

  constructor(place: Place, message: string, help?: string) {
    super(message);
    this.place = place;
    this.help = help;
  }
}

/** How something stands in a state file: one way to write it, and one to read it back. */
export interface Codec {
  encode(value: unknown): unknown;
  /** @throws StateProblem */
  decode(value: unknown, place: Place): unknown;
}

type Members = Record<string, unknown>;

function scalar(is: (value: unknown) => boolean, what: string): Codec {
  return {
    encode: (value) => value,
    decode(value, place) {
      if (is(value)) return value;
      throw new StateProblem(place, `this is to be ${what}`);
    },
  };
}

export const text = scalar(
  (value) => typeof value === 'string',
  'text (in quotes, if it looks like a number)',
);
export const number = scalar((value) => typeof value === 'number' && Number.isFinite(value), 'a number');
export const flag = scalar((value) => typeof value === 'boolean', '`true` or `false`');

export function matching(pattern: RegExp, what: string): Codec {
  return scalar((value) => typeof value === 'string' && pattern.test(value), what);
}

export function choice(...values: string[]): Codec {
  return scalar(
    (value) => values.includes(value as string),
    `one of ${values.map((one) => `\`${one}\``).join(', ')}`,
  );
}

/** Plain data as it is. */
export const data = scalar((value) => typeof value === 'object' && value !== null, 'an object or a list');

/** Milliseconds since 1970; in the file, an instant as ISO 8601 writes it. */
export const time: Codec = {
  encode: (value) => new Date(value as number).toISOString(),
  decode(value, place) {
    const found = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    if (!Number.isNaN(found)) return found;
    throw new StateProblem(place, 'this is to be a time: `2026-08-01T00:00:00.000Z`');
  },
};

export function list(item: Codec): Codec {
  return {
    encode: (value) => (value as unknown[]).map((one) => item.encode(one)),
    decode(value, place) {
      if (!Array.isArray(value)) throw new StateProblem(place, 'this is to be a list');
      return value.map((one, index) => item.decode(one, [...place, index]));
    },
  };
}

/** An object whose members' names are free. */
export function map(item: Codec, name?: RegExp): Codec {
  return {
    encode: (value) =>
      Object.fromEntries(Object.entries(value as Members).map(([key, one]) => [key, item.encode(one)])),
    decode(value, place) {
      const entries = Object.entries(asMembers(value, place));
      return Object.fromEntries(
        entries.map(([key, one]) => {
          const at = [...place, key];
          if (name && !name.test(key)) throw new StateProblem(at, `\`${key}\` is no name that this can have`);
          return [key, item.decode(one, at)];
        }),
      );
    },
  };
}

/** Tags by their keys; in memory, a list of pairs. */
export function tags(keyName: string, valueName: string): Codec {
  return {
    encode: (value) => Object.fromEntries((value as Members[]).map((tag) => [tag[keyName], tag[valueName]])),
    decode(value, place) {
      const entries = Object.entries(asMembers(value, place));
      return entries.map(([key, one]) => ({
        [keyName]: key,
        [valueName]: text.decode(one, [...place, key]),
      }));
    },
  };
}

export interface Field {
  codec: Codec;
  /** Name in the file, where it is another. */
  as?: string;
  /** What stands for a member that the file leaves out; without it, the member must be there. */
  otherwise?: (() => unknown) | 'absent';
  /** What stands for it is another each time. */
  isMade?: boolean;
}

export type Fields = Readonly<Record<string, Field>>;

export const required = (codec: Codec, as?: string): Field => ({ codec, ...(as !== undefined && { as }) });
export const optional = (codec: Codec, as?: string): Field => ({
  codec,
  otherwise: 'absent',
  ...(as !== undefined && { as }),
});
/** A member that a file may leave out, and that a record always has. */
export const defaulted = (codec: Codec, otherwise: () => unknown, as?: string): Field => ({
  codec,
  otherwise,
  ...(as !== undefined && { as }),
});

/** A member that is made where a file leaves it out, and that a file of ours always has. */
export const made = (codec: Codec, make: () => unknown): Field => ({ codec, otherwise: make, isMade: true });

/** An object of known members. What is empty is left out of the file, where that reads back the same. */
export function object(fields: Fields): Codec & { names: ReadonlySet<string> } {
  const all = Object.entries(fields).map(([member, field]) => ({
    member,
    name: field.as ?? member,
    ...field,
  }));
  const names = new Set(all.map(({ name }) => name));
  return {
    names,
    encode(value) {
      const encoded: Members = {};
      for (const { member, name, codec, otherwise, isMade } of all) {
        const found = (value as Members)[member];
        if (found === undefined) continue;
        if (isMade !== true && typeof otherwise === 'function' && isSame(found, otherwise())) continue;
        encoded[name] = codec.encode(found);
      }
      return encoded;
    },
    decode(value, place) {
      const members = asMembers(value, place);
      const unknown = Object.keys(members).find((name) => !names.has(name));
      if (unknown !== undefined)
        throw new StateProblem(
          [...place, unknown],
          `there is no \`${unknown}\` here`,
          `known are ${[...names].join(', ')}`,
        );
      const decoded: Members = {};
      for (const { member, name, codec, otherwise } of all) {
        if (Object.hasOwn(members, name)) decoded[member] = codec.decode(members[name], [...place, name]);
        else if (otherwise === undefined) throw new StateProblem(place, `\`${name}\` is missing here`);
        else if (typeof otherwise === 'function') decoded[member] = otherwise();
      }
      return decoded;
    },
  };
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === 'object' && JSON.stringify(one) === JSON.stringify(other));
}

export function asMembers(value: unknown, place: Place): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw new StateProblem(place, 'this is to be an object');
}
