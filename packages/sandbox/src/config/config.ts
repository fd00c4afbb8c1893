import { readFileSync } from 'node:fs';
import { parsePolicy } from '@crossbucket/policy';
import { LineCounter, isNode, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { SandboxError } from '../errors.ts';

const ACCOUNT_ID = 'an account id is twelve digits, in quotes';
const accountId = z.string(ACCOUNT_ID).regex(/^\d{12}$/, ACCOUNT_ID);

const keys = {
  accessKeyId: z
    .string()
    .regex(/^\w{16,128}$/, 'an access key id is 16 to 128 letters, digits and underscores'),
  // It goes into a profile, whose lines it must not break.
  secretAccessKey: z
    .string()
    .regex(
      /^[\x21-\x7e]{1,128}$/,
      'a secret access key is 1 to 128 letters, digits and marks, without spaces',
    ),
};

const policyDocument = z.looseObject({ Statement: z.unknown() });

const user = z.strictObject({
  name: z.string().regex(/^[\w+=,.@-]{1,64}$/, 'a user name is 1 to 64 letters, digits and +=,.@-_'),
  accessKeyId: keys.accessKeyId.optional(),
  secretAccessKey: keys.secretAccessKey.optional(),
  policies: z.record(z.string(), policyDocument).optional(),
});

const account = z.strictObject({
  id: accountId,
  name: z
    .string()
    .regex(
      /^[\w-]{1,64}$/,
      'an account name is 1 to 64 letters, digits, - and _, since a profile is named after it',
    )
    .optional(),
  root: z.strictObject(keys).optional(),
  users: z.array(user).optional(),
  /** Where STS gives no credentials of this account. */
  disabledRegions: z
    .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region is a name such as ap-east-1'))
    .optional(),
});

const policiesByName = z.record(z.string(), policyDocument);

/** Policies of a root, a unit or an account. */
const controls = {
  serviceControl: policiesByName.optional(),
  resourceControl: policiesByName.optional(),
  s3: z.record(z.string(), z.looseObject({ s3_attributes: z.unknown() })).optional(),
};

const members = z.array(z.union([accountId, z.strictObject({ id: accountId, ...controls })])).optional();

type Controls = z.infer<z.ZodObject<typeof controls>>;

/** A root or a unit: accounts by id, with policies of their own where they have some, and further units. */
export interface BranchConfig extends Controls {
  accounts?: (string | ({ id: string } & Controls))[] | undefined;
  units?: (BranchConfig & { name: string })[] | undefined;
}

const units: z.ZodType<BranchConfig['units']> = z.lazy(() =>
  z
    .array(z.strictObject({ name: z.string().min(1).max(128), ...controls, accounts: members, units }))
    .optional(),
);

const branch = z.strictObject({ ...controls, accounts: members, units: units.optional() });

const organization = z.strictObject({ management: accountId, root: branch.optional() });

/** A VPC endpoint: requests by its port come from within its VPC. */
const endpoint = z.strictObject({
  id: z.string().regex(/^vpce-[0-9a-z]+$/, 'an endpoint id is vpce- and letters and digits'),
  vpc: z
    .string()
    .regex(/^vpc-[0-9a-z]+$/, 'a VPC id is vpc- and letters and digits')
    .optional(),
  policy: policyDocument.optional(),
});

const configSchema = z.strictObject({
  accounts: z.array(account).min(1),
  /** `delay` in seconds: how long a new principal and a new key are not accepted. */
  consistency: z.strictObject({ delay: z.number().nonnegative() }).optional(),
  /** Where to find the keys of OIDC providers, instead of at the address that each of them publishes. */
  identityProviders: z
    .array(
      z.strictObject({
        url: z.string().startsWith('https://', "a provider's address begins with https://"),
        jwks: z.union([
          z.strictObject({ keys: z.array(z.looseObject({ kty: z.string() })) }),
          z.string().regex(/^https?:\/\/./, 'the address of a key set begins with http:// or https://'),
        ]),
      }),
    )
    .optional(),
  /** `actual`: over plain HTTP `aws:SecureTransport` is false; without it, it is always true. */
  secureTransport: z.enum(['actual']).optional(),
  /** In seconds of the sandbox's clock: how often trails deliver log files, and digest files. */
  cloudtrail: z
    .strictObject({ deliverEvery: z.number().min(1).optional(), digestEvery: z.number().min(1).optional() })
    .optional(),
  organization: organization.optional(),
  endpoints: z.array(endpoint).optional(),
});

/** What `--config` holds: accounts, with keys and users. Keys that are left out are generated. */
export type SandboxConfig = z.infer<typeof configSchema>;
export type AccountConfig = SandboxConfig['accounts'][number];
export type OrganizationConfig = NonNullable<SandboxConfig['organization']>;
export type EndpointConfig = NonNullable<SandboxConfig['endpoints']>[number];
export type UserConfig = NonNullable<AccountConfig['users']>[number];

/**
 * Reads a config file.
 * @throws SandboxError `InvalidConfig`, with line and column.
 */
export function readConfigFile(path: string): SandboxConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SandboxError(
      'InvalidConfig',
      `cannot read the config file \`${path}\`: ${(cause as NodeJS.ErrnoException).code ?? (cause as Error).message}`,
      'name a YAML file with `accounts: [{id: "111111111111"}]`',
      { cause },
    );
  }
  return parseConfig(text, path);
}

export function parseConfig(text: string, path: string): SandboxConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw invalid(`${path}:${line}:${col}`, firstLine(error.message));
  }
  const value = valueOf(document, path);
  if (value === null) throw invalid(path, 'the file is empty');
  return check(value, (place) => [path, locate(document, lines, place)].filter(Boolean).join(':'));
}

/** Checks a config that code has made. */
export function validateConfig(config: unknown): SandboxConfig {
  return check(config, () => 'the config');
}

/** Fails where aliases multiply what they stand for. */
function valueOf(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw invalid(path, firstLine((cause as Error).message), { cause });
  }
}

/** Where something is, for an error: the file with line and column. */
type Where = (place: PropertyKey[]) => string;

function check(value: unknown, where: Where): SandboxConfig {
  const checked = configSchema.safeParse(value);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw invalid(where(issue!.path), describe(issue!.path, issue!.message));
  }
  checkUniqueness(checked.data, where);
  checkPolicies(checked.data, where);
  return checked.data;
}

/** What no schema says: ids, keys and names are used once. */
function checkUniqueness(config: SandboxConfig, where: Where): void {
  const seen = new Set<string>();
  const once = (kind: string, value: string | undefined, ...place: PropertyKey[]): void => {
    if (value === undefined) return;
    const name = `${kind} ${value}`;
    if (seen.has(name)) throw invalid(where(place), `the ${kind} \`${value}\` is there twice`);
    seen.add(name);
  };
  for (const [index, { id, name, root, users = [] }] of config.accounts.entries()) {
    const place = ['accounts', index];
    once('account id', id, ...place, 'id');
    once('profile', name ?? id, ...place, 'name');
    once('access key id', root?.accessKeyId, ...place, 'root', 'accessKeyId');
    for (const [at, { name: userName, accessKeyId, secretAccessKey }] of users.entries()) {
      const userPlace = [...place, 'users', at];
      once('profile', `${name ?? id}-${userName}`, ...userPlace, 'name');
      once('access key id', accessKeyId, ...userPlace, 'accessKeyId');
      if ((accessKeyId === undefined) !== (secretAccessKey === undefined))
        throw invalid(
          where(userPlace),
          `the user \`${userName}\` has one half of an access key: give both or neither`,
        );
    }
  }
}

function checkPolicies(config: SandboxConfig, where: Where): void {
  for (const [index, { users = [] }] of config.accounts.entries())
    for (const [at, { name: userName, policies = {} }] of users.entries())
      for (const [name, document] of Object.entries(policies)) {
        const { problems } = parsePolicy(JSON.stringify(document), 'identity');
        const problem = problems.find(({ severity }) => severity === 'error');
        if (!problem) continue;
        throw invalid(
          where(['accounts', index, 'users', at, 'policies', name, ...problem.path]),
          `the policy \`${name}\` of the user \`${userName}\` is not valid: ${problem.message}`,
          { help: problem.help },
        );
      }
}

function locate(document: Document, lines: LineCounter, path: PropertyKey[]): string | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (!isNode(node) || !node.range) continue;
    const { line, col } = lines.linePos(node.range[0]);
    return `${line}:${col}`;
  }
  return undefined;
}

function describe(path: PropertyKey[], message: string): string {
  return path.length === 0 ? message : `\`${path.map(String).join('.')}\`: ${message}`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.replace(/ at line \d+, column \d+:?$/, '');
}

function invalid(
  where: string,
  problem: string,
  {
    help = 'see docs/sandbox.md for the keys that a config may have',
    cause,
  }: { help?: string; cause?: unknown } = {},
): SandboxError {
  return new SandboxError('InvalidConfig', `${where}: ${problem}`, help, { cause });
}
