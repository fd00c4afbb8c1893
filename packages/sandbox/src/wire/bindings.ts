import type { NormalizedSchema } from '@smithy/core/schema';
import { requiredMembers } from './members.ts';
import type { OperationModel } from './model.ts';

/** Where the members of an operation's input or output travel, worked out once for each operation. */
export interface Bindings {
  /** Members in the path. */
  labels: string[];
  headers: BoundMember[];
  headersByName: ReadonlyMap<string, BoundMember>;
  headersByMember: ReadonlyMap<string, BoundMember>;
  query: BoundMember[];
  /** A map whose entries are headers of one prefix (`x-amz-meta-`). */
  prefixHeaders: { member: string; prefix: string }[];
  /** The member that is the whole body. */
  payload?: { member: string; schema: NormalizedSchema };
  /** Members that make up the body together. */
  body: [member: string, schema: NormalizedSchema][];
  /** The member that carries the HTTP status. */
  status?: string;
  required: string[];
}

export interface BoundMember {
  member: string;
  /** Name on the wire; headers in lower case. */
  name: string;
  schema: NormalizedSchema;
}

const inputs = new WeakMap<OperationModel, Bindings>();
const outputs = new WeakMap<OperationModel, Bindings>();

export function inputBindings(operation: OperationModel): Bindings {
  let bindings = inputs.get(operation);
  if (!bindings) inputs.set(operation, (bindings = bind(operation.input)));
  return bindings;
}

export function outputBindings(operation: OperationModel): Bindings {
  let bindings = outputs.get(operation);
  if (!bindings) outputs.set(operation, (bindings = bind(operation.output)));
  return bindings;
}

function bind(structure: NormalizedSchema): Bindings {
  const bindings: Bindings = {
    labels: [],
    headers: [],
    headersByName: new Map(),
    headersByMember: new Map(),
    query: [],
    prefixHeaders: [],
    body: [],
    required: [],
  };
  if (!structure.isStructSchema()) return bindings;
  for (const [member, schema] of structure.structIterator()) {
    const traits = schema.getMergedTraits();
    if (traits.httpLabel) bindings.labels.push(member);
    else if (traits.httpHeader)
      bindings.headers.push({ member, name: traits.httpHeader.toLowerCase(), schema });
    else if (traits.httpQuery) bindings.query.push({ member, name: traits.httpQuery, schema });
    else if (typeof traits.httpPrefixHeaders === 'string')
      bindings.prefixHeaders.push({ member, prefix: traits.httpPrefixHeaders.toLowerCase() });
    else if (traits.httpPayload) bindings.payload = { member, schema };
    else if (traits.httpResponseCode) bindings.status = member;
    else bindings.body.push([member, schema]);
  }
  bindings.headersByName = new Map(bindings.headers.map((bound) => [bound.name, bound]));
  bindings.headersByMember = new Map(bindings.headers.map((bound) => [bound.member, bound]));
  bindings.required = requiredMembers(structure);
  return bindings;
}
