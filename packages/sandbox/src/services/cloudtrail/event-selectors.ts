import type { AdvancedEventSelector, EventSelector } from '@aws-sdk/client-cloudtrail';
import type {
  AdvancedSelectorRecord,
  EventSelectorRecord,
  FieldSelectorRecord,
  TrailRecord,
} from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';
import { findOwnTrail, findTrail } from './trail-names.ts';

// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html

const MOST_SELECTORS = 5;
const MOST_RESOURCES = 250;
const MOST_VALUES = 500;
const LONGEST_VALUE = 2048;
/** Types that basic selectors know, with what their ARNs begin with. */
const BASIC_TYPES: ReadonlyMap<string | undefined, string> = new Map([
  ['AWS::S3::Object', 'arn:aws:s3'],
  ['AWS::Lambda::Function', 'arn:aws:lambda'],
  ['AWS::DynamoDB::Table', 'arn:aws:dynamodb'],
]);
const EXCLUDABLE = new Set(['kms.amazonaws.com', 'rdsdata.amazonaws.com']);
const OPERATORS = ['Equals', 'StartsWith', 'EndsWith', 'NotEquals', 'NotStartsWith', 'NotEndsWith'] as const;
const EXACT = new Set(['eventCategory', 'readOnly', 'resources.type']);
/** By category: which fields there may be, and which there must be. */
const FIELDS: ReadonlyMap<string | undefined, { allowed: readonly string[]; required: readonly string[] }> =
  new Map([
    ['Management', { allowed: ['eventSource', 'readOnly'], required: [] }],
    [
      'Data',
      {
        allowed: [
          'eventName',
          'eventSource',
          'eventType',
          'resources.ARN',
          'resources.type',
          'readOnly',
          'sessionCredentialFromConsole',
          'userIdentity.arn',
        ],
        required: ['resources.type'],
      },
    ],
    [
      'NetworkActivity',
      { allowed: ['eventSource', 'eventName', 'errorCode', 'vpcEndpointId'], required: ['eventSource'] },
    ],
  ]);

export const eventSelectorHandlers: HandlersOf<typeof import('@aws-sdk/client-cloudtrail')> = {
  PutEventSelectors(input, call) {
    const trail = findOwnTrail(input.TrailName ?? '', call);
    const { EventSelectors: basic = [], AdvancedEventSelectors: advanced = [] } = input;
    if (basic.length > 0 === advanced.length > 0)
      throw invalid('Specify either EventSelectors or AdvancedEventSelectors.');
    // What was called until now is logged as the trail said until now.
    call.trail.drain();
    const { selectors: _, advanced: __, ...rest } = trail;
    const changed: TrailRecord = {
      ...rest,
      ...(basic.length > 0 ? { selectors: readBasic(basic) } : { advanced: readAdvanced(advanced) }),
    };
    call.store.trails.set(trail.arn, changed);
    return describe(changed);
  },

  GetEventSelectors(input, call) {
    return describe(findTrail(input.TrailName ?? '', call));
  },
};

const DEFAULT: EventSelectorRecord = {
  ReadWriteType: 'All',
  IncludeManagementEvents: true,
  DataResources: [],
  ExcludeManagementEventSources: [],
};

function describe({ arn, selectors, advanced }: TrailRecord) {
  if (advanced) return { TrailARN: arn, AdvancedEventSelectors: advanced };
  return { TrailARN: arn, EventSelectors: selectors ?? [DEFAULT] };
}

function readBasic(selectors: readonly EventSelector[]): EventSelectorRecord[] {
  if (selectors.length > MOST_SELECTORS) throw invalid(`A trail can have ${MOST_SELECTORS} event selectors.`);
  const read = selectors.map((selector) => readSelector(selector));
  const resources = read.flatMap(({ DataResources }) => DataResources.flatMap(({ Values }) => Values));
  if (resources.length > MOST_RESOURCES) throw invalid(`A trail can have ${MOST_RESOURCES} data resources.`);
  return read;
}

function readSelector(selector: EventSelector): EventSelectorRecord {
  const {
    ReadWriteType = 'All',
    IncludeManagementEvents = true,
    DataResources = [],
    ExcludeManagementEventSources: excluded = [],
  } = selector;
  if (!['All', 'ReadOnly', 'WriteOnly'].includes(ReadWriteType))
    throw invalid(`The ReadWriteType ${String(ReadWriteType)} is not valid.`);
  if (!IncludeManagementEvents && DataResources.length === 0)
    throw invalid('An event selector must include management events or data resources.');
  if (excluded.some((source) => !EXCLUDABLE.has(source)))
    throw invalid(`Only ${[...EXCLUDABLE].join(' and ')} can be excluded.`);
  return {
    ReadWriteType,
    IncludeManagementEvents,
    DataResources: DataResources.map(({ Type, Values = [] }) => {
      const start = BASIC_TYPES.get(Type);
      if (start === undefined) throw invalid(`The data resource type ${Type ?? ''} is not valid.`);
      const wrong = Values.find((value) => !value.startsWith(start));
      if (Values.length === 0 || wrong !== undefined)
        throw invalid(`The value ${wrong ?? ''} of the data resource type ${Type!} is not valid.`);
      return { Type: Type!, Values };
    }),
    ExcludeManagementEventSources: excluded,
  };
}

function readAdvanced(selectors: readonly AdvancedEventSelector[]): AdvancedSelectorRecord[] {
  const read = selectors.map(({ Name, FieldSelectors = [] }) => {
    if (Name !== undefined && Name.length > 1000) throw invalid('The name of a selector is too long.');
    return {
      ...(Name !== undefined && { Name }),
      FieldSelectors: readFields(FieldSelectors as FieldSelectorRecord[]),
    };
  });
  const values = read.flatMap(({ FieldSelectors }) =>
    FieldSelectors.flatMap((field) => OPERATORS.flatMap((operator) => field[operator] ?? [])),
  );
  if (values.length > MOST_VALUES)
    throw invalid(`A trail can have ${MOST_VALUES} values in all of its selectors.`);
  return read;
}

function readFields(fields: readonly FieldSelectorRecord[]): FieldSelectorRecord[] {
  const names = fields.map(({ Field }) => Field);
  if (new Set(names).size < names.length) throw invalid('A selector can name each field once.');
  const category = fields.find(({ Field }) => Field === 'eventCategory')?.Equals;
  const rules = category?.length === 1 ? FIELDS.get(category[0]) : undefined;
  if (!rules)
    throw invalid(
      'A selector needs the field eventCategory with one value: Management, Data or NetworkActivity.',
    );
  const unknown = names.find((name) => name !== 'eventCategory' && !rules.allowed.includes(name));
  if (unknown !== undefined) throw invalid(`The field ${unknown} is not valid for ${category![0]!} events.`);
  const missing = rules.required.find((name) => !names.includes(name));
  if (missing !== undefined) throw invalid(`The field ${missing} is required for ${category![0]!} events.`);
  return fields.map((field) => readField(field, category![0]!));
}

function readField(field: FieldSelectorRecord, category: string): FieldSelectorRecord {
  const { Field } = field;
  const used = OPERATORS.filter((operator) => (field[operator]?.length ?? 0) > 0);
  if (used.length === 0) throw invalid(`The field ${Field} needs a condition.`);
  if (EXACT.has(Field) && (used.length > 1 || used[0] !== 'Equals'))
    throw invalid(`The field ${Field} takes Equals alone.`);
  const values = used.flatMap((operator) => field[operator]!);
  if (values.some((value) => value === '' || value.length > LONGEST_VALUE))
    throw invalid(`A value of the field ${Field} is empty or too long.`);
  if (Field === 'readOnly' && (values.length > 1 || !['true', 'false'].includes(values[0]!)))
    throw invalid('The field readOnly is true or false.');
  if (Field === 'eventSource' && category === 'Management') requireExclusion(used, values);
  return { Field, ...Object.fromEntries(used.map((operator) => [operator, field[operator]])) };
}

/** Of management events, a trail can leave out those of two services. */
function requireExclusion(used: readonly string[], values: readonly string[]): void {
  if (used.length === 1 && used[0] === 'NotEquals' && values.every((value) => EXCLUDABLE.has(value))) return;
  throw invalid(`For management events, eventSource takes NotEquals with ${[...EXCLUDABLE].join(' or ')}.`);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidEventSelectorsException', message);
}
