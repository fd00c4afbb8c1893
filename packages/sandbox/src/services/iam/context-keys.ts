import { statementsOf, type PolicyDocument } from '@crossbucket/policy';

/** The condition keys that documents speak of, in conditions and variables, each once. */
export function contextKeysOf(documents: readonly PolicyDocument[]): string[] {
  const keys = new Map<string, string>();
  const note = (key: string): void => {
    if (!keys.has(key.toLowerCase())) keys.set(key.toLowerCase(), key);
  };
  for (const statement of documents.flatMap(statementsOf)) {
    for (const conditions of Object.values(statement.Condition ?? {})) Object.keys(conditions).forEach(note);
    for (const text of textsOf([statement.Resource, statement.NotResource, statement.Condition]))
      for (const [, key] of text.matchAll(VARIABLE)) note(key!.trim());
  }
  return [...keys.values()];
}

/** `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`; not `${*}`. */
const VARIABLE = /\$\{([^},*?$]+)(?:,[^}]*)?\}/g;

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
