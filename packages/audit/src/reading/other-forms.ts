import { isList, RECORD, type PlanSpec } from './record-plan.ts';

type Members = Record<string, unknown>;

/** Members that hold a record, or a text of one: of EventBridge, CloudWatch Logs and LookupEvents. */
const ENVELOPES = ['detail', 'message', '@message', 'CloudTrailEvent', 'event'];
/** What tables of records hold as texts. */
const TEXTS = ['userIdentity', 'requestParameters', 'responseElements', 'additionalEventData', 'resources'];

/**
 * A record in another form than CloudTrail's own, as CloudTrail writes it: in an envelope of another service, or with names in
 * small or large letters, as Athena and LookupEvents have them. Undefined for what is no record.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export function recordIn(text: string): string | undefined {
  const value = parse(text);
  const record = isMembers(value) ? find(value, 3) : undefined;
  return record === undefined ? undefined : write(record);
}

/** What is nested deeper than the stack is read from a text, but not written. */
function write(record: Members): string | undefined {
  try {
    return JSON.stringify(record);
  } catch {
    return undefined;
  }
}

function find(value: Members, depth: number): Members | undefined {
  for (const name of depth === 0 ? [] : ENVELOPES) {
    const inner = typeof value[name] === 'string' ? parse(value[name]) : value[name];
    const found = isMembers(inner) ? find(inner, depth - 1) : undefined;
    if (found !== undefined) return found;
  }
  const named = renamed(value, RECORD);
  if (typeof named['eventName'] !== 'string' || typeof named['eventSource'] !== 'string') return undefined;
  const { eventTime } = named;
  for (const name of TEXTS)
    if (typeof named[name] === 'string')
      named[name] = renamed(parse(named[name]) ?? named[name], RECORD[name]);
  return { ...named, ...(typeof eventTime === 'number' && { eventTime: timeOf(eventTime) }) };
}

/** The names that CloudTrail gives, whatever their letters; others stay. */
function renamed(value: unknown, spec: PlanSpec[string] | undefined): Members;
function renamed(value: unknown, spec: PlanSpec[string] | undefined): unknown {
  if (spec === undefined || typeof spec === 'string') return value;
  if (isList(spec)) return Array.isArray(value) ? value.map((one) => renamed(one, spec[0])) : value;
  if (!isMembers(value)) return value;
  const names = new Map(Object.keys(spec).map((name) => [name.toLowerCase(), name]));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const known = names.get(name.toLowerCase()) ?? name;
      return [known, renamed(inner, spec[known])];
    }),
  );
}

/** Seconds or milliseconds since 1970. */
function timeOf(time: number): string | number {
  const date = new Date(time < 1e11 ? time * 1000 : time);
  return Number.isNaN(date.getTime()) ? time : date.toISOString();
}

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
