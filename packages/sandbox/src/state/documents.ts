import { parsePolicy, type PolicyKind } from '@crossbucket/policy';
import { StateProblem, type Codec, type Place } from './codec.ts';

/**
 * A document's text. In the file it is an object where that is the same text when it is written again, so that people
 * can read it; else the text itself.
 * @param kind Of a policy, to be checked as one.
 */
export function document(kind?: PolicyKind): Codec {
  return {
    encode(value) {
      const text = value as string;
      const parsed: unknown = JSON.parse(text);
      // An object of JavaScript's cannot hold a member of this name as every other.
      return JSON.stringify(parsed) === text && !text.includes('__proto__') ? parsed : text;
    },
    decode(value, place) {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      const found = problemOf(text, kind);
      if (found)
        throw new StateProblem(
          [...place, ...(typeof value === 'string' ? [] : found.place)],
          found.message,
          found.help,
        );
      return text;
    },
  };
}

interface Found {
  place: Place;
  message: string;
  help?: string;
}

/** What was found of texts that were checked: many principals have the same policy. */
const checked = new Map<string, Found | undefined>();
const MOST_CHECKED = 1000;

function problemOf(text: string | undefined, kind: PolicyKind | undefined): Found | undefined {
  const name = `${kind ?? ''} ${text ?? ''}`;
  if (checked.has(name)) return checked.get(name);
  const found = check(text, kind);
  if (checked.size >= MOST_CHECKED) checked.clear();
  checked.set(name, found);
  return found;
}

function check(text: string | undefined, kind: PolicyKind | undefined): Found | undefined {
  if (!isObject(text))
    return { place: [], message: 'this is to be a document: an object, or its text as JSON' };
  if (kind === undefined) return undefined;
  const problem = parsePolicy(text!, kind).problems.find(({ severity }) => severity === 'error');
  return (
    problem && {
      place: problem.path.filter((part) => typeof part !== 'symbol'),
      message: `the policy is not valid: ${problem.message}`,
      help: problem.help,
    }
  );
}

function isObject(text: string | undefined): boolean {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
