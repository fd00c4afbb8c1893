import type { NormalizedSchema } from '@smithy/core/schema';

export interface Member {
  member: string;
  /** In XML and in forms. */
  name: string;
  schema: NormalizedSchema;
  required: boolean;
}

const known = new WeakMap<object, readonly Member[]>();

/** The members of a structure, worked out once: to walk the SDK's schema anew for every call costs more than to read it. */
export function membersOf(structure: NormalizedSchema): readonly Member[] {
  const shape = structure.getSchema() as object;
  let members = known.get(shape);
  if (!members) {
    const required = requiredMembers(structure);
    members = [...structure.structIterator()].map(([member, schema]) => ({
      member,
      name: (schema.getMergedTraits().xmlName as string | undefined) ?? member,
      schema,
      required: required.includes(member),
    }));
    known.set(shape, members);
  }
  return members;
}

/** The members that a structure must have; they come first among its members. */
export function requiredMembers(structure: NormalizedSchema): string[] {
  const shape = structure.getSchema() as readonly unknown[];
  const count = (shape[6] as number | undefined) ?? 0;
  return (shape[4] as string[]).slice(0, count);
}
