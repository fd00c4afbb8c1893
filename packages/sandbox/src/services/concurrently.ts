/**
 * Does something to each of many things, several at a time and each begun in its turn: what is written sets room aside on
 * the disk, and a thousand at once would set aside a thousand times as much.
 * @returns The results, in the order of the things.
 */
export async function concurrently<T, R>(
  things: readonly T[],
  most: number,
  act: (thing: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < things.length) {
      const index = next++;
      results[index] = await act(things[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, things.length) }, work));
  return results;
}
