import type { ReadInput } from './cache/parts.ts';
import type { Source } from './sources/source.ts';

/** What was read, and what could not be. */
export interface ReadSummary {
  source: string;
  /** Files that are asked for, and how many of them were not in the cache. */
  files: number;
  read: number;
  records: number;
  problems: FileProblem[];
  /** What this source cannot show. */
  note?: string;
}

export interface FileProblem {
  file: string;
  kind: 'broken' | 'cut' | 'not-json' | 'no-records' | 'not-a-record' | 'missing-fields' | 'unknown-version';
  count: number;
  detail: string;
}

const DETAILS = {
  'not-a-record': 'no calls that CloudTrail recorded (Insights events are among such), and left out',
  'missing-fields': 'without a time or an id, and counted all the same',
  'unknown-version': 'of a version that is not 1.x, and read as if they were',
} as const;

export function summarize(source: Source, inputs: readonly ReadInput[], read: number): ReadSummary {
  return {
    source: source.name,
    files: inputs.length,
    read,
    records: inputs.reduce((sum, { report }) => sum + report.records, 0),
    problems: inputs.flatMap(problemsOf),
    ...(source.note !== undefined && { note: source.note }),
  };
}

function problemsOf({ key: file, report }: ReadInput): FileProblem[] {
  const found: FileProblem[] = [];
  const { broken, invalid, isCut, problems, records } = report;
  if (broken !== undefined)
    found.push({
      file,
      kind: 'broken',
      count: 1,
      detail: `${broken}; ${records} records before that were read`,
    });
  else if (invalid !== undefined)
    found.push({
      file,
      kind: 'not-json',
      count: 1,
      detail: `${invalid.reason} at byte ${invalid.at}; ${records} records before that were read`,
    });
  else if (isCut)
    found.push({
      file,
      kind: 'cut',
      count: 1,
      detail: `ends too early; ${records} records before that were read`,
    });
  for (const kind of ['not-a-record', 'missing-fields', 'unknown-version'] as const) {
    const count = problems[kind] ?? 0;
    if (count > 0) found.push({ file, kind, count, detail: DETAILS[kind] });
  }
  if (found.length === 0 && records === 0)
    found.push({ file, kind: 'no-records', count: 1, detail: 'holds no CloudTrail records' });
  return found;
}
