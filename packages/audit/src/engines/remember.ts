import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { LoadedRecords } from '../load-records.ts';
import type { Answer, Engine, Value } from './engine.ts';
import { EVENTS_WITHOUT_COPIES } from './events.ts';

/** Larger answers are worked out anew. */
const LARGEST = 4 * 2 ** 20;
const MOST = 100;

/**
 * An engine that remembers answers beside the records that they are of, and is not even opened for those. Only questions
 * whose answer follows from the records may be remembered.
 */
export function rememberAnswers(records: LoadedRecords, open: () => Promise<Engine>): Engine {
  let engine: Promise<Engine> | undefined;
  const state = createHash('sha256')
    .update(
      JSON.stringify([
        EVENTS_WITHOUT_COPIES,
        records.only,
        records.files.map((file) => basename(file)).toSorted(),
      ]),
    )
    .digest('hex');
  return {
    async ask(sql: string, parameters: readonly Value[] = [], { remember = false } = {}): Promise<Answer> {
      const hash = createHash('sha256')
        .update(JSON.stringify([state, sql, parameters]))
        .digest('hex');
      const path = join(records.folder, `${hash}.answer`);
      const isRemembered = remember && records.isKept;
      const known = isRemembered ? readAnswer(path) : undefined;
      if (known !== undefined) return known;
      engine ??= open();
      const answer = await (await engine).ask(sql, parameters);
      if (isRemembered) writeAnswer(records.folder, path, answer);
      return answer;
    },
    async close() {
      await (await engine)?.close();
    },
  };
}

function readAnswer(path: string): Answer | undefined {
  try {
    const [sum = '', text = ''] = readFileSync(path, 'utf8').split('\n', 2);
    return checksum(text) === sum ? (JSON.parse(text) as Answer) : undefined;
  } catch {
    return undefined;
  }
}

function writeAnswer(folder: string, path: string, answer: Answer): void {
  const text = JSON.stringify(answer);
  if (text.length > LARGEST) return;
  const others = readdirSync(folder).filter((name) => name.endsWith('.answer'));
  if (others.length >= MOST) for (const name of others) rmSync(join(folder, name), { force: true });
  writeFileSync(`${path}.new`, `${checksum(text)}\n${text}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

const checksum = (text: string): string => createHash('sha256').update(text).digest('hex');
