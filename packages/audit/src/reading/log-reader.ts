import { recordIn } from './other-forms.ts';
import { isRecordMember } from './record-plan.ts';
import type { Outcome, RecordProblem, RecordScanner } from './record-scanner.ts';

/** What was met in one file. */
export interface FileReading {
  records: number;
  /** How many values of a list of records have what problem. */
  problems: Partial<Record<RecordProblem, number>>;
  /** Where the text stops to be JSON, in bytes from its start, and why: what comes after it is lost. */
  invalid?: { at: number; reason: string };
  /** The text ends before its records do. */
  isCut: boolean;
  /** Bytes of the text. */
  bytes: number;
}

/** The largest value that is taken to be one record. */
const LARGEST = 128 * 2 ** 20;

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const END = -1;
const LISTS: ReadonlySet<string> = new Set(['Records', 'records', 'Events', 'events', 'logEvents']);
/** A larger object that is no record at first sight is looked at no closer: it may be one around records. */
const LARGEST_UNKNOWN = 2 ** 20;
/** Before each line of what CloudWatch Logs exports. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html */
const LINE_TIME = /^\d{4}-\d\d-\d\dT[\d:.]{8,15}Z(?= )/;

/** Where in the file we are: between its values, among the members of the object around the records, among the records. */
type Place = 'top' | 'members' | 'list';

/**
 * Reads the text of one file as it comes: `{"Records": [...]}`, a list of records, records one after the other, or what
 * LookupEvents answers. Records are taken as soon as they are whole.
 */
export class LogReader {
  readonly #reading: FileReading = { records: 0, problems: {}, isCut: false, bytes: 0 };
  readonly #scanner: RecordScanner;
  readonly #onFull: () => void;
  #place: Place = 'top';
  #isWrapped = false;
  #isStarted = false;
  #isLast = false;
  /** No use in another try with less. */
  #needed = 0;

  /** @param onFull Called when the scanner has enough for a part: clears it. */
  constructor(scanner: RecordScanner, name: string, onFull: () => void) {
    this.#scanner = scanner;
    this.#onFull = onFull;
    scanner.startFile(name);
  }

  /** True once the rest of the file cannot be read. */
  get isOver(): boolean {
    return this.#reading.invalid !== undefined;
  }

  feed(chunk: Uint8Array): void {
    if (this.isOver) return;
    this.#reading.bytes += chunk.length;
    this.#scanner.append(chunk);
    if (this.#scanner.end - this.#scanner.pos >= this.#needed) this.#read();
  }

  /** The file ends here. */
  finish(): FileReading {
    if (this.isOver) return this.#reading;
    this.#isLast = true;
    // Behind a number or literal something must follow.
    this.#scanner.append(NEWLINE);
    this.#read();
    this.#reading.isCut = !this.isOver && (this.#place !== 'top' || this.#scanner.peek() !== END);
    return this.#reading;
  }

  #read(): void {
    const scanner = this.#scanner;
    for (;;) {
      const next = this.#isStarted ? scanner.peek() : this.#skipByteOrderMark();
      if (next === END) return;
      const { pos: start, end } = scanner;
      const outcome = this.#step(next);
      if (outcome === 'done') continue;
      if (outcome === 'more') {
        scanner.goTo(start);
        this.#waitForMore();
        return;
      }
      if (typeof outcome === 'object') {
        const { bytes } = this.#reading;
        this.#reading.invalid = {
          at: bytes + (this.#isLast ? 1 : 0) - (end - outcome.at),
          reason: outcome.failure,
        };
        return;
      }
      this.#reading.problems[outcome] = (this.#reading.problems[outcome] ?? 0) + 1;
    }
  }

  /** Twice as much each time, so that a huge record is not gone over again for each chunk. */
  #waitForMore(): void {
    const left = this.#scanner.end - this.#scanner.pos;
    this.#needed = left < 2 ** 20 ? 0 : left * 2;
    if (left > LARGEST)
      this.#reading.invalid = {
        at: this.#reading.bytes - left,
        reason: `a record is larger than ${LARGEST / 2 ** 20} MB`,
      };
  }

  #step(next: number): Outcome {
    if (this.#place === 'list') return this.#stepInList(next);
    if (this.#place === 'members') return this.#stepInMembers(next);
    if (next === COMMA) return this.#pass('top');
    if (next === OPEN_LIST) {
      this.#isWrapped = false;
      return this.#pass('list');
    }
    if (next !== OPEN_OBJECT) return this.#skipLineTime() ?? this.#failure();
    const member = this.#firstMember();
    if (typeof member !== 'object' || !('name' in member)) return member;
    if (isRecordMember(member.name)) return this.#take();
    return LISTS.has(member.name) ? this.#pass('members') : this.#takeUnknown();
  }

  /** A record in an envelope, or an object around a list of them. */
  #takeUnknown(): Outcome {
    const scanner = this.#scanner;
    const { pos: start, end } = scanner;
    const result = scanner.skipValue();
    if (result === 'more' && end - start < LARGEST_UNKNOWN) return 'more';
    const record = result === 'done' ? this.#otherForm(start) : undefined;
    if (record !== undefined) return this.#count(scanner.takeText(record));
    scanner.goTo(start);
    return this.#pass('members');
  }

  #skipLineTime(): 'done' | 'more' | undefined {
    const { pos, end } = this.#scanner;
    if (!/^\d/.test(this.#scanner.textBetween(pos, pos + 1))) return undefined;
    const [time] = LINE_TIME.exec(this.#scanner.textBetween(pos, Math.min(end, pos + 32))) ?? [];
    if (time === undefined) return end - pos < 32 && !this.#isLast ? 'more' : undefined;
    this.#scanner.goTo(pos + time.length);
    return 'done';
  }

  #stepInList(next: number): Outcome {
    if (next === OPEN_OBJECT) return this.#take();
    if (next === COMMA) return this.#pass('list');
    if (next === CLOSE_LIST) return this.#pass(this.#isWrapped ? 'members' : 'top');
    const outcome = this.#scanner.skipValue();
    return outcome === 'done' ? 'not-a-record' : outcome;
  }

  #stepInMembers(next: number): Outcome {
    if (next === COMMA) return this.#pass('members');
    if (next === CLOSE_OBJECT) return this.#pass('top');
    const name = this.#memberName();
    if (typeof name !== 'object' || !('name' in name)) return name;
    const value = this.#scanner.peek();
    if (value === END) return 'more';
    if (!LISTS.has(name.name) || value !== OPEN_LIST) return this.#scanner.skipValue();
    this.#isWrapped = true;
    return this.#pass('list');
  }

  /** Takes one byte, and is in that place then. */
  #pass(place: Place): 'done' {
    this.#scanner.skipByte();
    this.#place = place;
    return 'done';
  }

  /** The name of the member that begins here; its colon is taken. */
  #memberName(): { name: string } | Outcome {
    const scanner = this.#scanner;
    if (scanner.peek() !== QUOTE) return scanner.peek() === END ? 'more' : this.#failure();
    const from = scanner.pos + 1;
    const outcome = scanner.skipValue();
    if (outcome !== 'done') return outcome;
    const name = scanner.textBetween(from, scanner.pos - 1);
    if (scanner.peek() !== COLON) return scanner.peek() === END ? 'more' : this.#failure();
    scanner.skipByte();
    return { name };
  }

  /** The first member of the object that begins here; the scanner stays where it is. */
  #firstMember(): { name: string } | Outcome {
    const scanner = this.#scanner;
    const start = scanner.pos;
    scanner.skipByte();
    const member = scanner.peek() === CLOSE_OBJECT ? { name: '' } : this.#memberName();
    scanner.goTo(start);
    return member;
  }

  #take(): Outcome {
    const scanner = this.#scanner;
    const start = scanner.pos;
    const outcome = scanner.takeRecord();
    if (outcome !== 'not-a-record') return this.#count(outcome);
    const record = this.#otherForm(start);
    return this.#count(record === undefined ? outcome : scanner.takeText(record));
  }

  /** What was gone over since then, as CloudTrail writes records. */
  #otherForm(start: number): string | undefined {
    const { pos } = this.#scanner;
    return pos - start > LARGEST_UNKNOWN ? undefined : recordIn(this.#scanner.textBetween(start, pos));
  }

  #count(outcome: Outcome): Outcome {
    if (outcome === 'done' || outcome === 'missing-fields' || outcome === 'unknown-version')
      this.#reading.records++;
    if (this.#scanner.isFull) this.#onFull();
    return outcome;
  }

  #failure(): Outcome {
    return { failure: 'not JSON', at: this.#scanner.pos };
  }

  #skipByteOrderMark(): number {
    const { pos, end } = this.#scanner;
    if (end - pos < MARK.length) return END;
    this.#isStarted = true;
    if (this.#scanner.textBetween(pos, pos + MARK.length) === '\uFEFF') this.#scanner.goTo(pos + MARK.length);
    return this.#scanner.peek();
  }
}

const NEWLINE = Buffer.from('\n');
const MARK = Buffer.from('\uFEFF');
