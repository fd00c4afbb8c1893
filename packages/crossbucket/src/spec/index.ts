export { parseSpec } from './parse-spec.ts';
export { addressOf, endpointsOf, readSpec } from './read-spec.ts';
export {
  secondsOf,
  specJsonSchema,
  type AccessSpec,
  type AccountSpec,
  type ConditionsSpec,
  type EndpointSpec,
  type GrantSpec,
  type Spec,
} from './schema.ts';
export { SpecError } from './spec-error.ts';
export { SPEC_FILE } from './spec-file.ts';
