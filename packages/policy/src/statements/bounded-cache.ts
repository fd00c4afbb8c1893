/** Longer keys are not worth their memory. */
const LONGEST_KEY = 300;

/** Remembers what a function made of a text, up to a number of texts; then it starts anew, so memory stays flat. */
export function remember<V>(limit: number, make: (key: string) => V): (key: string) => V {
  const values = new Map<string, V>();
  return (key) => {
    let value = values.get(key);
    if (value === undefined) {
      value = make(key);
      if (key.length > LONGEST_KEY) return value;
      if (values.size >= limit) values.clear();
      values.set(key, value);
    }
    return value;
  };
}
