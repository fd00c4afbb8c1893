import type { ContextValue } from '../request.ts';
import type { ApiCall } from '../snapshot.ts';

/** One authorization that an operation needs. */
export interface Need {
  /** `s3:GetObject`, or how the input decides between two. */
  action: string | ((call: ApiCall) => string);
  /** The ARN that it is asked on, or `*`; undefined where the call turns out not to touch such a thing. */
  on: (call: ApiCall) => string | undefined;
  /** Condition keys that the call's input gives. */
  keys?: readonly KeySource[];
  /** Without it, always. */
  when?: (call: ApiCall) => boolean;
  /** The call that it would be the need of, where that is another: a copy reads its source as a GetObject does. */
  as?: (call: ApiCall) => ApiCall | undefined;
}

/** Condition keys; one without a value is not there. */
export type Keys = Partial<Record<string, ContextValue>>;

/** Reads condition keys out of a call. */
export type KeySource = (call: ApiCall) => Keys;

/** What an operation needs, in the order in which AWS asks. */
export type Row = readonly Need[] | ((call: ApiCall) => readonly Need[]);

/** By the SDK's operation name. */
export type CallTable = Readonly<Record<string, Row>>;

/** The resource of an action that takes none. */
export const anything = (): string => '*';

/** A table that is made when it is first asked for: most who load the package never ask for most of them. */
export function table(make: () => CallTable): () => CallTable {
  let made: CallTable | undefined;
  return () => (made ??= make());
}
