import type { AccessRequest } from '@crossbucket/policy';
import { oneValueOf } from './facts.ts';
import { patternMarks, plainMarks } from './wildcards.ts';
import type { Mark } from './wildcards.ts';

/** Puts values in the place of variables; undefined where one has neither a value nor a default. */
export function substitute(
  text: string,
  request: AccessRequest,
  isCurrentVersion: boolean,
): Mark[] | undefined {
  if (!isCurrentVersion) return patternMarks(text);
  const open = text.indexOf('${');
  const close = open < 0 ? -1 : text.indexOf('}', open);
  if (close < 0) return patternMarks(text);
  const value = lookUp(text.slice(open + 2, close), request);
  const rest = substitute(text.slice(close + 1), request, true);
  if (value === undefined || rest === undefined) return undefined;
  return [...patternMarks(text.slice(0, open)), ...plainMarks(value), ...rest];
}

function lookUp(inner: string, request: AccessRequest): string | undefined {
  if (['*', '?', '$'].includes(inner)) return inner;
  const withDefault = /^([^,]*),\s*'(.*)'\s*$/s.exec(inner);
  return oneValueOf(request, (withDefault?.[1] ?? inner).trim()) ?? withDefault?.[2];
}
