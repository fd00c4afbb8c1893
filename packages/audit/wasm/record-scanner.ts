/**
 * Takes records of CloudTrail apart, in place, into columns: AssemblyScript, compiled to `src/reading/scanner.data.ts` by
 * `npm run generate:scanner`. It is the one thing here that JavaScript is too slow for.
 *
 * What a record has that no column wants is gone over without being looked at. Texts that were met before become the number
 * of the earlier one. Positions are addresses in this module's memory.
 */

/** Writes a string without its escapes, as valid UTF-8, to `scratch`; gives its length. */
@external('host', 'decode')
declare function hostDecode(from: u32, to: u32): u32;
/** A number as JSON has it; NaN for no number. */
@external('host', 'number')
declare function hostNumber(from: u32, to: u32): f64;
/** Milliseconds of a time that is not written as usual; NaN for no time. */
@external('host', 'time')
declare function hostTime(from: u32, to: u32): f64;
/** Writes JSON as DuckDB takes it to `scratch`; gives its length. */
@external('host', 'json')
declare function hostJson(from: u32, to: u32): u32;

// Results: what became of a record, or why it is not over yet.
const TAKEN: i32 = 0;
const NOT_A_RECORD: i32 = 1;
const MISSING_FIELDS: i32 = 2;
const UNKNOWN_VERSION: i32 = 3;
const INNER_RECORD: i32 = 4;
const MORE: i32 = -1;
const INVALID: i32 = -2;
const TOO_DEEP: i32 = -3;

// Kinds of what lies in a slot.
const ABSENT: u8 = 0;
const STRING: u8 = 1;
const ESCAPED: u8 = 2;
const SCALAR: u8 = 3;
const NESTED: u8 = 4;
const REST: u8 = 5;

const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const COLON: u8 = 0x3a;
const BACKSLASH: u8 = 0x5c;
const OPEN_LIST: u8 = 0x5b;
const CLOSE_LIST: u8 = 0x5d;
const OPEN_OBJECT: u8 = 0x7b;
const CLOSE_OBJECT: u8 = 0x7d;

const DEEPEST: i32 = 512;
const NULL: i32 = -1;
/** Room behind texts, so that whole words can be read at their ends. */
const SLACK: usize = 16;
/** What the length of a text takes before it. */
const PREFIX: usize = 4;

// ---------------------------------------------------------------------------------------------------------------- plans

@unmanaged
class Member {
  /** `NAME":`, as it is mostly written. */
  name: usize;
  /** Of the name alone. */
  length: u32;
  slot: i32;
  /** Plan of the object that it holds, or 0. */
  inside: usize;
  /** Plan of each object of the list that it holds, or 0. */
  each: usize;
  /** The member that came behind it the last time, or 0: records are alike. */
  next: usize;
}

@unmanaged
class Plan {
  table: usize;
  mask: u32;
  /** Slot of the members that are not planned, or -1. */
  rest: i32;
  /** The member that came first the last time, or 0. */
  first: usize;
}

export function newPlan(size: u32, rest: i32): usize {
  const plan = changetype<Plan>(heap.alloc(offsetof<Plan>()));
  plan.table = heap.alloc((size as usize) << 2);
  memory.fill(plan.table, 0, (size as usize) << 2);
  plan.mask = size - 1;
  plan.rest = rest;
  plan.first = 0;
  return changetype<usize>(plan);
}

/** @param name Address of its name, which is kept. */
export function addMember(at: usize, name: usize, length: u32, slot: i32, inside: usize, each: usize): void {
  const plan = changetype<Plan>(at);
  const member = changetype<Member>(heap.alloc(offsetof<Member>()));
  member.name = heap.alloc((length as usize) + 2 + SLACK);
  memory.copy(member.name, name, length as usize);
  store<u8>(member.name + (length as usize), QUOTE);
  store<u8>(member.name + (length as usize), COLON, 1);
  member.length = length;
  member.slot = slot;
  member.inside = inside;
  member.each = each;
  member.next = 0;
  let place = (hashOf(name, length) as u32) & plan.mask;
  while (load<u32>(plan.table + ((place as usize) << 2)) != 0) place = (place + 1) & plan.mask;
  store<u32>(plan.table + ((place as usize) << 2), changetype<usize>(member) as u32);
}

function findMember(plan: Plan, name: usize, length: u32): Member | null {
  let place = (hashOf(name, length) as u32) & plan.mask;
  while (true) {
    const at = load<u32>(plan.table + ((place as usize) << 2));
    if (at == 0) return null;
    const member = changetype<Member>(at as usize);
    if (member.length == length && equals(member.name, name, length)) return member;
    place = (place + 1) & plan.mask;
  }
}

// ---------------------------------------------------------------------------------------------------------------- texts

/** Another in each process: so nobody can write texts that all fall into one place of a table. */
let seed: u64 = 0;

export function setSeed(low: u32, high: u32): void {
  seed = ((high as u64) << 32) | (low as u64);
}

@inline
function mix(hash: u64, word: u64): u64 {
  const product = (hash ^ word) * 0x9e3779b97f4a7c15;
  return product ^ (product >> 29);
}

/** The first bytes of a word. */
@inline
function headOf(at: usize, bytes: u32): u64 {
  return bytes == 0 ? 0 : load<u64>(at) & (u64.MAX_VALUE >> (64 - ((bytes as u64) << 3)));
}

function hashOf(from: usize, length: u32): u64 {
  let hash = seed ^ length;
  let left = length;
  let at = from;
  for (; left >= 8; left -= 8, at += 8) hash = mix(hash, load<u64>(at));
  hash = mix(hash, headOf(at, left));
  return hash ^ (hash >> 32);
}

function equals(one: usize, other: usize, length: u32): bool {
  let left = length;
  for (; left >= 8; left -= 8, one += 8, other += 8) if (load<u64>(one) != load<u64>(other)) return false;
  return headOf(one, left) == headOf(other, left);
}

// -------------------------------------------------------------------------------------------------------------- columns

/** Texts: rows hold the number of theirs. */
@unmanaged
class TextColumn {
  /** One number a row; -1 for no value. */
  codes: usize;
  /** The texts, each behind its length in four bytes, as Parquet writes them. */
  pool: usize;
  poolSize: usize;
  poolUsed: usize;
  /** Where each text begins, and where the last one ends. */
  starts: usize;
  hashes: usize;
  capacity: u32;
  count: u32;
  table: usize;
  mask: u32;
  nulls: u32;
  /** Nearly all texts are new: earlier ones are not looked for any more. */
  isUnique: u32;
  /** The number of the text that came last, or -1: many come several times in a row. */
  last: i32;
}

let rowLimit: u32 = 0;
let byteLimit: usize = 0;
let columns: usize = 0;
let columnCount: u32 = 0;
/** Of all columns. */
let poolBytes: usize = 0;
export let rows: u32 = 0;

/** Event time in microseconds, bytes in, bytes out: one number a row, NaN for no value. */
export let times: usize = 0;
export let bytesIn: usize = 0;
export let bytesOut: usize = 0;

/** Where the host writes. */
export let scratch: usize = 0;
let scratchSize: usize = 0;

export function reserveScratch(size: usize): usize {
  if (size + SLACK > scratchSize) {
    if (scratch != 0) heap.free(scratch);
    scratchSize = size + SLACK;
    scratch = heap.alloc(scratchSize);
  }
  return scratch;
}

export function setUp(texts: u32, slots: u32, rowsOfPart: u32, bytesOfPart: u32): void {
  rowLimit = rowsOfPart;
  byteLimit = bytesOfPart as usize;
  columnCount = texts;
  columns = heap.alloc((texts as usize) * offsetof<TextColumn>());
  for (let i: u32 = 0; i < texts; i++) {
    const column = columnAt(i);
    column.codes = heap.alloc((rowsOfPart as usize) << 2);
    column.poolSize = 4096;
    column.pool = heap.alloc(column.poolSize + SLACK);
    column.capacity = 128;
    column.starts = heap.alloc((128 + 1) << 2);
    column.hashes = heap.alloc(128 << 3);
    column.mask = 255;
    column.table = heap.alloc(256 << 2);
  }
  times = heap.alloc((rowsOfPart as usize) << 3);
  bytesIn = heap.alloc((rowsOfPart as usize) << 3);
  bytesOut = heap.alloc((rowsOfPart as usize) << 3);
  slotFrom = heap.alloc((slots as usize) << 2);
  slotTo = heap.alloc((slots as usize) << 2);
  slotKind = heap.alloc(slots as usize);
  slotCount = slots;
  restAt = heap.alloc((restCapacity as usize) << 3);
  brackets = heap.alloc(DEEPEST as usize);
  clear();
}

export function columnAddress(index: u32): usize {
  return columns + (index as usize) * offsetof<TextColumn>();
}

@inline
function columnAt(index: u32): TextColumn {
  return changetype<TextColumn>(columnAddress(index));
}

/** Forgets all rows. */
export function clear(): void {
  rows = 0;
  poolBytes = 0;
  for (let i: u32 = 0; i < columnCount; i++) {
    const column = columnAt(i);
    column.count = 0;
    column.nulls = 0;
    column.poolUsed = 0;
    column.isUnique = 0;
    column.last = NULL;
    store<u32>(column.starts, 0);
    memory.fill(column.table, 0xff, ((column.mask as usize) + 1) << 2);
    // What a huge value took is given back.
    if (column.poolSize > 16 << 20) {
      heap.free(column.pool);
      column.poolSize = 4096;
      column.pool = heap.alloc(column.poolSize + SLACK);
    }
  }
}

export function isFull(): bool {
  return rows >= rowLimit || poolBytes >= byteLimit;
}

@inline
function addNull(column: TextColumn): void {
  store<i32>(column.codes + ((rows as usize) << 2), NULL);
  column.nulls++;
}

/** True where the text is new to the column: it is the last one of its pool. */
function addText(column: TextColumn, from: usize, length: u32): bool {
  const last = column.last;
  if (last != NULL && isTextAt(column, last as u32, from, length)) {
    store<i32>(column.codes + ((rows as usize) << 2), last);
    return false;
  }
  const hash = hashOf(from, length);
  let code: u32 = column.count;
  if (!column.isUnique) {
    let place = (hash as u32) & column.mask;
    while (true) {
      const found = load<i32>(column.table + ((place as usize) << 2));
      if (found == NULL) break;
      if (load<u64>(column.hashes + ((found as usize) << 3)) == hash && isTextAt(column, found as u32, from, length)) {
        store<i32>(column.codes + ((rows as usize) << 2), found);
        column.last = found;
        return false;
      }
      place = (place + 1) & column.mask;
    }
    store<u32>(column.table + ((place as usize) << 2), code);
  }
  append(column, from, length, hash);
  column.last = code as i32;
  store<i32>(column.codes + ((rows as usize) << 2), code as i32);
  if (!column.isUnique && column.count * 2 > column.mask) growTable(column);
  return true;
}

@inline
function isTextAt(column: TextColumn, code: u32, from: usize, length: u32): bool {
  const at = column.pool + (load<u32>(column.starts + ((code as usize) << 2)) as usize);
  return load<u32>(at) == length && equals(at + PREFIX, from, length);
}

function append(column: TextColumn, from: usize, length: u32, hash: u64): void {
  putText(column, from, length);
  if (column.count == column.capacity) {
    column.capacity <<= 1;
    column.starts = heap.realloc(column.starts, ((column.capacity as usize) + 1) << 2);
    column.hashes = heap.realloc(column.hashes, (column.capacity as usize) << 3);
  }
  store<u64>(column.hashes + ((column.count as usize) << 3), hash);
  column.count++;
  store<u32>(column.starts + ((column.count as usize) << 2), column.poolUsed as u32);
}

function putText(column: TextColumn, from: usize, length: u32): void {
  makeRoom(column, length);
  const at = column.pool + column.poolUsed;
  store<u32>(at, length);
  memory.copy(at + PREFIX, from, length as usize);
  column.poolUsed += PREFIX + (length as usize);
  poolBytes += PREFIX + (length as usize);
}

function makeRoom(column: TextColumn, length: u32): void {
  const needed = column.poolUsed + PREFIX + (length as usize);
  if (needed <= column.poolSize) return;
  column.poolSize = max<usize>(column.poolSize << 1, needed);
  column.pool = heap.realloc(column.pool, column.poolSize + SLACK);
}

/** Puts another text in the place of the last one of the pool. */
function replaceLast(column: TextColumn, from: usize, length: u32): void {
  const start = load<u32>(column.starts + (((column.count - 1) as usize) << 2));
  poolBytes -= column.poolUsed - (start as usize);
  column.poolUsed = start as usize;
  putText(column, from, length);
  store<u32>(column.starts + ((column.count as usize) << 2), column.poolUsed as u32);
}

function growTable(column: TextColumn): void {
  if (column.count > 4096 && column.count * 10 > (rows - column.nulls) * 7) {
    column.isUnique = 1;
    return;
  }
  heap.free(column.table);
  column.mask = (column.mask << 1) | 1;
  column.table = heap.alloc(((column.mask as usize) + 1) << 2);
  memory.fill(column.table, 0xff, ((column.mask as usize) + 1) << 2);
  for (let code: u32 = 0; code < column.count; code++) {
    let place = (load<u64>(column.hashes + ((code as usize) << 3)) as u32) & column.mask;
    while (load<i32>(column.table + ((place as usize) << 2)) != NULL) place = (place + 1) & column.mask;
    store<u32>(column.table + ((place as usize) << 2), code);
  }
}

// --------------------------------------------------------------------------------------------------------------- walking

/** Where we are, where the bytes end, and where they were found not to be JSON. */
export let pos: usize = 0;
export let end: usize = 0;
export let failedAt: usize = 0;

let slotFrom: usize = 0;
let slotTo: usize = 0;
let slotKind: usize = 0;
let slotCount: u32 = 0;
let stringKind: u8 = 0;
/** The members of a request that are not planned: where each begins and ends. */
let restAt: usize = 0;
let restCapacity: u32 = 64;
let restCount: u32 = 0;
let brackets: usize = 0;

/** What the bytes from here on are. There must be 16 bytes of room behind them. */
export function setBytes(from: usize, to: usize): void {
  pos = from;
  end = to;
}

export function setPosition(at: usize): void {
  pos = at;
}

/** The next byte that is no white space, without taking it; or MORE. */
export function peek(): i32 {
  while (pos < end) {
    const byte = load<u8>(pos);
    if (byte > 0x20 || (byte != 0x20 && byte != 0x0a && byte != 0x0d && byte != 0x09)) return byte as i32;
    pos++;
  }
  return MORE;
}

function fail(): i32 {
  failedAt = pos;
  return INVALID;
}

/** Goes past the value that begins here. */
export function skipValue(): i32 {
  const first = peek();
  if (first < 0) return MORE;
  if (first == (QUOTE as i32)) return skipString();
  if (first == (OPEN_OBJECT as i32) || first == (OPEN_LIST as i32)) return skipNested();
  return skipScalar();
}

/** Goes past a string and its closing quote, and notes its kind. */
function skipString(): i32 {
  const quotes = i8x16.splat(QUOTE as i8);
  const slashes = i8x16.splat(BACKSLASH as i8);
  let at = pos + 1;
  stringKind = STRING;
  while (at < end) {
    const bytes = v128.load(at);
    const special = i8x16.bitmask(v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, slashes)));
    const high = i8x16.bitmask(bytes);
    if (special == 0) {
      if (high != 0) stringKind = ESCAPED;
      at += 16;
      continue;
    }
    const first = ctz(special);
    if ((high & ((1 << first) - 1)) != 0) stringKind = ESCAPED;
    at += first as usize;
    if (at >= end) return MORE;
    if (load<u8>(at) == QUOTE) {
      pos = at + 1;
      return TAKEN;
    }
    stringKind = ESCAPED;
    at += 2;
  }
  return MORE;
}

function skipNested(): i32 {
  let depth: i32 = 0;
  while (pos < end) {
    const byte = load<u8>(pos);
    if (byte == QUOTE) {
      const result = skipString();
      if (result != TAKEN) return result;
      continue;
    }
    if (byte == OPEN_OBJECT || byte == OPEN_LIST) {
      if (depth == DEEPEST) {
        failedAt = pos;
        return TOO_DEEP;
      }
      store<u8>(brackets + (depth as usize), byte + 2);
      depth++;
    } else if (byte == CLOSE_OBJECT || byte == CLOSE_LIST) {
      depth--;
      if (load<u8>(brackets + (depth as usize)) != byte) return fail();
      if (depth == 0) {
        pos++;
        return TAKEN;
      }
    }
    pos++;
  }
  return MORE;
}

/** Numbers and literals: what they are made of is not looked at closely. */
function skipScalar(): i32 {
  const from = pos;
  while (pos < end) {
    const byte = load<u8>(pos);
    const isPart =
      (byte >= 0x61 && byte <= 0x7a) ||
      (byte >= 0x30 && byte <= 0x39) ||
      byte == 0x2b ||
      byte == 0x2d ||
      byte == 0x2e ||
      byte == 0x45;
    if (!isPart) return pos == from ? fail() : TAKEN;
    pos++;
  }
  return MORE;
}

/** Whether a member's name and colon are here, within the bytes that there are. */
@inline
function isNext(member: Member, name: usize): bool {
  const length = member.length + 2;
  return name + (length as usize) <= end && equals(member.name, name, length);
}

function walkObject(plan: Plan): i32 {
  pos++;
  if (plan.rest != -1) {
    restCount = 0;
    store<u8>(slotKind + (plan.rest as usize), REST);
  }
  let next = peek();
  if (next == (CLOSE_OBJECT as i32)) {
    pos++;
    return TAKEN;
  }
  let before: Member | null = null;
  // Nothing is learnt of what comes behind a member that is not planned.
  let isKnown = true;
  while (true) {
    next = peek();
    if (next != (QUOTE as i32)) return next < 0 ? MORE : fail();
    const name = pos + 1;
    let result: i32 = TAKEN;
    const guess: usize = !isKnown ? 0 : before == null ? plan.first : before.next;
    let member = changetype<Member | null>(guess);
    if (member != null && isNext(member, name)) pos = name + (member.length as usize) + 2;
    else {
      result = skipString();
      if (result != TAKEN) return result;
      member = findMember(plan, name, (pos - 1 - name) as u32);
      if (isKnown && member != null) {
        if (before == null) plan.first = changetype<usize>(member);
        else before.next = changetype<usize>(member);
      }
      next = peek();
      if (next != (COLON as i32)) return next < 0 ? MORE : fail();
      pos++;
    }
    isKnown = member != null;
    if (isKnown) before = member;
    next = peek();
    if (next < 0) return MORE;
    if (member == null) {
      result = skipValue();
      if (result == TAKEN && plan.rest != -1) keepRest(name - 1);
    } else if (member.inside != 0 && next == (OPEN_OBJECT as i32)) {
      result = walkObject(changetype<Plan>(member.inside));
    } else if (member.each != 0 && next == (OPEN_LIST as i32)) {
      result = walkResources(changetype<Plan>(member.each));
    } else if (member.slot == -1) {
      result = skipValue();
    } else {
      result = capture(member.slot, next as u8);
    }
    if (result != TAKEN) return result;
    next = peek();
    if (next != (COMMA as i32) && next != (CLOSE_OBJECT as i32)) return next < 0 ? MORE : fail();
    pos++;
    if (next == (CLOSE_OBJECT as i32)) return TAKEN;
  }
}

function walkResources(plan: Plan): i32 {
  pos++;
  if (peek() == (CLOSE_LIST as i32)) {
    pos++;
    return TAKEN;
  }
  while (true) {
    let next = peek();
    if (next < 0) return MORE;
    const isObject = next == (OPEN_OBJECT as i32);
    const result = isObject ? walkObject(plan) : skipValue();
    if (result != TAKEN) return result;
    if (isObject) noteResource();
    next = peek();
    if (next != (COMMA as i32) && next != (CLOSE_LIST as i32)) return next < 0 ? MORE : fail();
    pos++;
    if (next == (CLOSE_LIST as i32)) return TAKEN;
  }
}

function capture(slot: i32, next: u8): i32 {
  let from = pos;
  const result = next == QUOTE ? skipString() : skipValue();
  if (result != TAKEN) return result;
  let to = pos;
  let kind: u8 = next == OPEN_OBJECT || next == OPEN_LIST ? NESTED : SCALAR;
  if (next == QUOTE) {
    kind = stringKind;
    from++;
    to--;
  } else if (next == 0x6e) {
    kind = ABSENT; // null
  }
  store<u32>(slotFrom + ((slot as usize) << 2), from as u32);
  store<u32>(slotTo + ((slot as usize) << 2), to as u32);
  store<u8>(slotKind + (slot as usize), kind);
  return TAKEN;
}

function keepRest(from: usize): void {
  if (restCount == restCapacity) {
    restCapacity <<= 1;
    restAt = heap.realloc(restAt, (restCapacity as usize) << 3);
  }
  store<u32>(restAt + ((restCount as usize) << 3), from as u32);
  store<u32>(restAt + ((restCount as usize) << 3), pos as u32, 4);
  restCount++;
}

// --------------------------------------------------------------------------------------------------------------- records

// Slots that are more than a column's text, and columns that are made of more than one slot. `bind` says where they are.
let eventName: i32 = 0;
let eventSource: i32 = 0;
let eventTime: i32 = 0;
let eventId: i32 = 0;
let version: i32 = 0;
let sharedId: i32 = 0;
let originalId: i32 = 0;
let request: i32 = 0;
let inner: i32 = 0;
let slotBytesIn: i32 = 0;
let slotBytesOut: i32 = 0;
let resourceAccount: i32 = 0;
let resourceType: i32 = 0;
let resourceArn: i32 = 0;
let plainColumns: u32 = 0;
let fileColumn: u32 = 0;
let sharedColumn: u32 = 0;
let ownerColumn: u32 = 0;
let resourceColumn: u32 = 0;
let requestColumn: u32 = 0;
let recordPlan: usize = 0;
/** Addresses and lengths of `AWS::S3::Bucket` and `AWS::S3::Object`. */
let bucketType: usize = 0;
let objectType: usize = 0;
const TYPE_LENGTH: u32 = 15;

export function bindSlots(
  name: i32,
  source: i32,
  time: i32,
  id: i32,
  ofVersion: i32,
  shared: i32,
  original: i32,
  ofRequest: i32,
  ofInner: i32,
  ofBytesIn: i32,
  ofBytesOut: i32,
  account: i32,
  type: i32,
  arn: i32,
): void {
  eventName = name;
  eventSource = source;
  eventTime = time;
  eventId = id;
  version = ofVersion;
  sharedId = shared;
  originalId = original;
  request = ofRequest;
  inner = ofInner;
  slotBytesIn = ofBytesIn;
  slotBytesOut = ofBytesOut;
  resourceAccount = account;
  resourceType = type;
  resourceArn = arn;
}

/** Columns before `plain` have the number of their slot. */
export function bindColumns(plain: u32, file: u32, shared: u32, owner: u32, resource: u32, ofRequest: u32): void {
  plainColumns = plain;
  fileColumn = file;
  sharedColumn = shared;
  ownerColumn = owner;
  resourceColumn = resource;
  requestColumn = ofRequest;
}

export function bindPlan(plan: usize, bucket: usize, object: usize): void {
  recordPlan = plan;
  bucketType = heap.alloc((TYPE_LENGTH as usize) + SLACK);
  objectType = heap.alloc((TYPE_LENGTH as usize) + SLACK);
  memory.copy(bucketType, bucket, TYPE_LENGTH as usize);
  memory.copy(objectType, object, TYPE_LENGTH as usize);
}

/** Address and length of the name of the file that records are from. */
let file: usize = 0;
let fileLength: u32 = 0;

export function setFile(name: usize, length: u32): void {
  if (file != 0) heap.free(file);
  file = heap.alloc((length as usize) + SLACK);
  memory.copy(file, name, length as usize);
  fileLength = length;
}

let owner: usize = 0;
let ownerLength: u32 = 0;
let resource: usize = 0;
let resourceLength: u32 = 0;

@inline
function kindOf(slot: i32): u8 {
  return load<u8>(slotKind + (slot as usize));
}

@inline
function fromOf(slot: i32): usize {
  return load<u32>(slotFrom + ((slot as usize) << 2)) as usize;
}

@inline
function toOf(slot: i32): usize {
  return load<u32>(slotTo + ((slot as usize) << 2)) as usize;
}

export function slotStart(slot: i32): usize {
  return fromOf(slot);
}

export function slotEnd(slot: i32): usize {
  return toOf(slot);
}

@inline
function isText(slot: i32): bool {
  const kind = kindOf(slot);
  return kind == STRING || kind == ESCAPED;
}

function isType(type: usize): bool {
  const from = fromOf(resourceType);
  if (kindOf(resourceType) != STRING || toOf(resourceType) - from != (TYPE_LENGTH as usize)) return false;
  return equals(from, type, TYPE_LENGTH);
}

/** The bucket's account is its owner's; the resource is the first that is no object. */
function noteResource(): void {
  const isBucket = isType(bucketType);
  if (kindOf(resourceAccount) == STRING && (isBucket || owner == 0)) {
    owner = fromOf(resourceAccount);
    ownerLength = (toOf(resourceAccount) - owner) as u32;
  }
  if (kindOf(resourceArn) == STRING && resource == 0 && !isType(objectType)) {
    resource = fromOf(resourceArn);
    resourceLength = (toOf(resourceArn) - resource) as u32;
  }
  store<u8>(slotKind + (resourceAccount as usize), ABSENT);
  store<u8>(slotKind + (resourceType as usize), ABSENT);
  store<u8>(slotKind + (resourceArn as usize), ABSENT);
}

/**
 * Takes the record that begins here. Gives what became of it; where it is negative, nothing was taken, and the position is
 * of no meaning.
 */
export function takeRecord(): i32 {
  memory.fill(slotKind, ABSENT, slotCount as usize);
  owner = 0;
  resource = 0;
  const result = walkObject(changetype<Plan>(recordPlan));
  if (result != TAKEN) return result;
  if (isText(inner)) return INNER_RECORD;
  if (!isText(eventName) || !isText(eventSource)) return NOT_A_RECORD;
  for (let i: u32 = 0; i < plainColumns; i++) addSlot(columnAt(i), i as i32);
  addText(columnAt(fileColumn), file, fileLength);
  addSlot(columnAt(sharedColumn), isText(sharedId) ? sharedId : originalId);
  if (owner != 0) addText(columnAt(ownerColumn), owner, ownerLength);
  else addNull(columnAt(ownerColumn));
  if (resource != 0) addText(columnAt(resourceColumn), resource, resourceLength);
  else addNull(columnAt(resourceColumn));
  addRequest();
  const time = timeOf(eventTime);
  store<f64>(times + ((rows as usize) << 3), time * 1000);
  store<f64>(bytesIn + ((rows as usize) << 3), numberOf(slotBytesIn));
  store<f64>(bytesOut + ((rows as usize) << 3), numberOf(slotBytesOut));
  rows++;
  if (isNaN(time) || !isText(eventId)) return MISSING_FIELDS;
  return isKnownVersion() ? TAKEN : UNKNOWN_VERSION;
}

function addSlot(column: TextColumn, slot: i32): void {
  const kind = kindOf(slot);
  if (kind == ABSENT || kind == REST) {
    addNull(column);
    return;
  }
  const from = fromOf(slot);
  const to = toOf(slot);
  if (kind == STRING || kind == SCALAR) {
    addText(column, from, (to - from) as u32);
    return;
  }
  const length = kind == ESCAPED ? hostDecode(from as u32, to as u32) : hostJson(from as u32, to as u32);
  addText(column, scratch, length);
}

/** The members of the request that have no columns of their own, as an object; a request that is no object, as it is. */
function addRequest(): void {
  const column = columnAt(requestColumn);
  const kind = kindOf(request);
  if (kind == ABSENT || (kind == REST && restCount == 0)) {
    addNull(column);
    return;
  }
  let from = fromOf(request);
  let length = (toOf(request) - from) as u32;
  if (kind == STRING || kind == ESCAPED) {
    // With its quotes, so that it stays JSON.
    from--;
    length += 2;
  } else if (kind == REST) {
    length = joinRest();
    from = joined;
  }
  if (!addText(column, from, length)) return;
  // The pool may move while the host makes room, but not before it has read.
  const start = column.pool + PREFIX + (load<u32>(column.starts + (((column.count - 1) as usize) << 2)) as usize);
  const clean = hostJson(start as u32, (start as u32) + length);
  replaceLast(column, scratch, clean);
}

let joined: usize = 0;
let joinedSize: usize = 0;

function joinRest(): u32 {
  let length: usize = 2;
  for (let i: u32 = 0; i < restCount; i++) {
    const at = restAt + ((i as usize) << 3);
    length += (load<u32>(at, 4) - load<u32>(at) + 1) as usize;
  }
  if (length > joinedSize) {
    if (joined != 0) heap.free(joined);
    joinedSize = length << 1;
    joined = heap.alloc(joinedSize + SLACK);
  }
  let to = joined;
  store<u8>(to++, OPEN_OBJECT);
  for (let i: u32 = 0; i < restCount; i++) {
    const at = restAt + ((i as usize) << 3);
    const from = load<u32>(at) as usize;
    const size = (load<u32>(at, 4) as usize) - from;
    if (i > 0) store<u8>(to++, COMMA);
    memory.copy(to, from, size);
    to += size;
  }
  store<u8>(to++, CLOSE_OBJECT);
  return (to - joined) as u32;
}

/** Bytes are written as `1234` or `1234.0`. */
function numberOf(slot: i32): f64 {
  const kind = kindOf(slot);
  if (kind != SCALAR && kind != STRING) return NaN;
  const from = fromOf(slot);
  let to = toOf(slot);
  if (to - from > 2 && load<u8>(to - 1) == 0x30 && load<u8>(to - 2) == 0x2e) to -= 2;
  if (to - from > 15 || to == from) return hostNumber(from as u32, to as u32);
  let value: u64 = 0;
  for (let at = from; at < to; at++) {
    const digit = (load<u8>(at) as u32) - 0x30;
    if (digit > 9) return hostNumber(from as u32, to as u32);
    value = value * 10 + (digit as u64);
  }
  return value as f64;
}

/** Milliseconds since 1970 of `2026-08-01T00:01:00Z`. */
function timeOf(slot: i32): f64 {
  if (!isText(slot)) return NaN;
  const at = fromOf(slot);
  const isUsual =
    toOf(slot) - at == 20 &&
    load<u8>(at, 4) == 0x2d &&
    load<u8>(at, 7) == 0x2d &&
    load<u8>(at, 10) == 0x54 &&
    load<u8>(at, 13) == COLON &&
    load<u8>(at, 16) == COLON &&
    load<u8>(at, 19) == 0x5a;
  if (!isUsual) return hostTime(at as u32, toOf(slot) as u32);
  const year = twoDigits(at) * 100 + twoDigits(at + 2);
  const month = twoDigits(at + 5);
  const day = twoDigits(at + 8);
  const hour = twoDigits(at + 11);
  const minute = twoDigits(at + 14);
  const second = twoDigits(at + 17);
  const isTime =
    year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
  if (!isTime) return hostTime(at as u32, toOf(slot) as u32);
  return ((daysTo(year, month, day) * 24 + hour) as f64) * 3_600_000 + ((minute * 60 + second) as f64) * 1000;
}

/** A negative number for what are no digits. */
function twoDigits(at: usize): i32 {
  const tens = (load<u8>(at) as i32) - 0x30;
  const ones = (load<u8>(at, 1) as i32) - 0x30;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1_000_000 : tens * 10 + ones;
}

/** Days from 1970 to a date of the Gregorian calendar, counted from the first of March, so that leap days come last. */
function daysTo(year: i32, month: i32, day: i32): i32 {
  const marchYear = month <= 2 ? year - 1 : year;
  const marchMonth = (month + 9) % 12;
  const dayOfYear = (153 * marchMonth + 2) / 5 + day - 1;
  return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468;
}

/** The documented major version is 1. */
function isKnownVersion(): bool {
  const from = fromOf(version);
  return isText(version) && toOf(version) - from >= 2 && load<u8>(from) == 0x31 && load<u8>(from, 1) == 0x2e;
}

/** Room for bytes that are read; the room of before is given back. */
let window: usize = 0;

export function reserveWindow(size: usize): usize {
  window = window == 0 ? heap.alloc(size + SLACK) : heap.realloc(window, size + SLACK);
  return window;
}
