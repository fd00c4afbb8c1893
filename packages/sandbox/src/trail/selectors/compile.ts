import type {
  AdvancedSelectorRecord,
  EventSelectorRecord,
  FieldSelectorRecord,
  TrailRecord,
} from '../../store/records.ts';

/** What selectors look at. */
export interface EventFacts {
  category: 'Management' | 'Data';
  readOnly: boolean;
  /** `s3.amazonaws.com` */
  source: string;
  name: string;
  /** With ARNs, or how the ARNs begin that the event is about. */
  resources: readonly { type: string; arn: string }[];
  /** ARN of the caller, in the trail of its own account. */
  principal: string | undefined;
}

export type Selects = (event: EventFacts) => boolean;

/**
 * Whether a trail's selectors take an event. Without any, all management events and no data events.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 */
export function compileSelectors({
  selectors,
  advanced,
}: Pick<TrailRecord, 'selectors' | 'advanced'>): Selects {
  if (advanced) return anyOf(advanced.map((selector) => compileAdvanced(selector)));
  if (selectors) return anyOf(selectors.map((selector) => compileBasic(selector)));
  return ({ category }) => category === 'Management';
}

const anyOf =
  (all: readonly Selects[]): Selects =>
  (event) =>
    all.some((selects) => selects(event));

function compileBasic(selector: EventSelectorRecord): Selects {
  const { ReadWriteType: kind, IncludeManagementEvents, ExcludeManagementEventSources: excluded } = selector;
  const prefixes = new Map<string, readonly string[]>();
  for (const { Type, Values } of selector.DataResources)
    prefixes.set(Type, [...(prefixes.get(Type) ?? []), ...Values]);
  return ({ category, readOnly, source, resources }) => {
    if (kind !== 'All' && readOnly !== (kind === 'ReadOnly')) return false;
    if (category === 'Management') return IncludeManagementEvents && !excluded.includes(source);
    return resources.some(({ type, arn }) => prefixes.get(type)?.some((prefix) => arn.startsWith(prefix)));
  };
}

function compileAdvanced({ FieldSelectors }: AdvancedSelectorRecord): Selects {
  const type = FieldSelectors.find(({ Field }) => Field === 'resources.type')?.Equals;
  const fields = FieldSelectors.map((selector) => compileField(selector, type));
  return (event) => fields.every((selects) => selects(event));
}

/** The values of a field of an event. */
const FIELDS: Readonly<Record<string, (event: EventFacts) => readonly string[]>> = {
  eventCategory: ({ category }) => [category],
  readOnly: ({ readOnly }) => [String(readOnly)],
  eventSource: ({ source }) => [source],
  eventName: ({ name }) => [name],
  eventType: () => ['AwsApiCall'],
  'resources.type': ({ resources }) => resources.map(({ type }) => type),
  'resources.ARN': ({ resources }) => resources.map(({ arn }) => arn),
  'userIdentity.arn': ({ principal }) => (principal === undefined ? [] : [principal]),
};

const NONE = (): readonly string[] => [];

/**
 * Of what selects, one condition is enough; of what deselects, none may be met; and both must come out so.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html
 */
function compileField(selector: FieldSelectorRecord, type: readonly string[] | undefined): Selects {
  const values =
    selector.Field === 'resources.ARN' && type
      ? ({ resources }: EventFacts) =>
          resources.filter((resource) => type.includes(resource.type)).map(({ arn }) => arn)
      : (FIELDS[selector.Field] ?? NONE);
  const { Equals = [], StartsWith = [], EndsWith = [] } = selector;
  const { NotEquals = [], NotStartsWith = [], NotEndsWith = [] } = selector;
  const selecting = [...Equals, ...StartsWith, ...EndsWith].length > 0;
  const isSelected = (value: string) =>
    Equals.includes(value) ||
    StartsWith.some((start) => value.startsWith(start)) ||
    EndsWith.some((end) => value.endsWith(end));
  const isDeselected = (value: string) =>
    NotEquals.includes(value) ||
    NotStartsWith.some((start) => value.startsWith(start)) ||
    NotEndsWith.some((end) => value.endsWith(end));
  return (event) => {
    const found = values(event);
    return !found.some(isDeselected) && (!selecting || found.some(isSelected));
  };
}
