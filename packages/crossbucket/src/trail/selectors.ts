import type { AdvancedEventSelector, AdvancedFieldSelector, EventSelector } from '@aws-sdk/client-cloudtrail';
import type { TrailSelectors } from '../changes/index.ts';

/** What our selectors of a trail are called. */
const MANAGEMENT = 'crossbucket audit: management events';
const OBJECTS = 'crossbucket audit: objects of shared buckets';

/** The most event selectors that a trail has. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html */
const MOST_BASIC = 5;

const TYPE = 'AWS::S3::Object';

/**
 * The selectors with which a trail also logs management events and every call to objects of these buckets. Selectors of
 * others stay as they are, and so does the form that they have: a trail takes one form only.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html
 *
 * @param arns Such as `arn:aws:s3:::acme-reports/`: without the slash it would be every bucket whose name begins so.
 * @returns Undefined where there is no room for one more.
 */
export function withBuckets(selectors: TrailSelectors, arns: readonly string[]): TrailSelectors | undefined {
  if ('advanced' in selectors) return { advanced: advancedWith(selectors.advanced, arns) };
  return isUntouched(selectors.basic)
    ? { advanced: advancedWith([], arns) }
    : basicWith(selectors.basic, arns);
}

/** All management events and nothing else is what a trail logs where nobody has said anything. */
function isUntouched(selectors: readonly EventSelector[]): boolean {
  const [
    { ReadWriteType, IncludeManagementEvents, DataResources, ExcludeManagementEventSources } = {},
    ...more
  ] = selectors;
  return (
    more.length === 0 &&
    ReadWriteType === 'All' &&
    IncludeManagementEvents === true &&
    (DataResources ?? []).length === 0 &&
    (ExcludeManagementEventSources ?? []).length === 0
  );
}

function advancedWith(
  selectors: readonly AdvancedEventSelector[],
  arns: readonly string[],
): AdvancedEventSelector[] {
  const missing = arns.filter((arn) => !selectors.some((selector) => coversObjects(selector, arn)));
  const changed = [...selectors];
  if (!selectors.some(coversManagement))
    changed.push({ Name: MANAGEMENT, FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] });
  if (missing.length === 0) return changed;
  const ours = changed.findIndex(({ Name }) => Name === OBJECTS);
  const known = ours < 0 ? [] : (fieldOf(changed[ours]!, 'resources.ARN')?.StartsWith ?? []);
  const selector = objectsOf([...known, ...missing]);
  return ours < 0 ? [...changed, selector] : changed.with(ours, selector);
}

const objectsOf = (arns: readonly string[]): AdvancedEventSelector => ({
  Name: OBJECTS,
  FieldSelectors: [
    { Field: 'eventCategory', Equals: ['Data'] },
    { Field: 'resources.type', Equals: [TYPE] },
    { Field: 'resources.ARN', StartsWith: [...arns] },
  ],
});

const fieldOf = (
  { FieldSelectors = [] }: AdvancedEventSelector,
  name: string,
): AdvancedFieldSelector | undefined => FieldSelectors.find(({ Field }) => Field === name);

/** Whether a selector has these fields with these values, and of others none but those that are named. */
function is(
  selector: AdvancedEventSelector,
  values: Readonly<Record<string, string>>,
  others: readonly string[],
): boolean {
  const { FieldSelectors = [] } = selector;
  return (
    Object.entries(values).every(
      ([name, value]) => fieldOf(selector, name)?.Equals?.includes(value) === true,
    ) && FieldSelectors.every(({ Field }) => Object.hasOwn(values, Field!) || others.includes(Field!))
  );
}

/** Reading ones, too: AssumeRole is one of those. Events of a service that is left out may well be. */
const coversManagement = (selector: AdvancedEventSelector): boolean =>
  is(selector, { eventCategory: 'Management' }, ['eventSource']);

function coversObjects(selector: AdvancedEventSelector, arn: string): boolean {
  if (!is(selector, { eventCategory: 'Data', 'resources.type': TYPE }, ['resources.ARN'])) return false;
  const field = fieldOf(selector, 'resources.ARN');
  if (field === undefined) return true;
  const { Field: _, StartsWith = [], ...others } = field;
  return (
    Object.values(others).every((values) => values === undefined || values.length === 0) &&
    StartsWith.some((start) => arn.startsWith(start))
  );
}

function basicWith(selectors: readonly EventSelector[], arns: readonly string[]): TrailSelectors | undefined {
  const isManaged = selectors.some(
    ({ ReadWriteType = 'All', IncludeManagementEvents = true }) =>
      ReadWriteType === 'All' && IncludeManagementEvents,
  );
  const missing = arns.filter((arn) => !selectors.some((selector) => logsObjects(selector, arn)));
  if (missing.length === 0 && isManaged) return { basic: [...selectors] };
  const known = isManaged ? selectors.findIndex(isOfObjectsAlone) : -1;
  if (known >= 0) {
    const Values = [...(selectors[known]!.DataResources?.[0]?.Values ?? []), ...missing];
    return { basic: [...selectors].with(known, dataSelector(Values, false)) };
  }
  if (selectors.length >= MOST_BASIC) return undefined;
  return { basic: [...selectors, dataSelector(missing, !isManaged)] };
}

const dataSelector = (Values: string[], IncludeManagementEvents: boolean): EventSelector => ({
  ReadWriteType: 'All',
  IncludeManagementEvents,
  DataResources: Values.length === 0 ? [] : [{ Type: TYPE, Values }],
  ExcludeManagementEventSources: [],
});

const logsObjects = ({ ReadWriteType = 'All', DataResources = [] }: EventSelector, arn: string): boolean =>
  ReadWriteType === 'All' &&
  DataResources.some(
    ({ Type, Values = [] }) => Type === TYPE && Values.some((start) => arn.startsWith(start)),
  );

/** As we add them. */
const isOfObjectsAlone = ({
  ReadWriteType = 'All',
  IncludeManagementEvents = true,
  DataResources = [],
}: EventSelector): boolean =>
  ReadWriteType === 'All' &&
  !IncludeManagementEvents &&
  DataResources.length === 1 &&
  DataResources[0]!.Type === TYPE;
