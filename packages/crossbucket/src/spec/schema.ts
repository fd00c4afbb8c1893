import { z } from 'zod';

// What editors show for a key is what `describe` says: the JSON Schema is made of this.

const text = (pattern: RegExp, message: string) => z.string(message).regex(pattern, message);

const accountName = text(
  /^[A-Za-z][\w-]{0,63}$/,
  'an account is called by up to 64 letters, digits, - and _, the first a letter',
);

const account = z
  .strictObject({
    id: text(/^\d{12}$/, 'an account id is twelve digits, in quotes').describe('Twelve digits, in quotes.'),
    profile: z
      .string()
      .min(1, 'a profile has a name')
      .describe("Profile of the AWS config files. Without it, the SDK's default credentials.")
      .optional(),
    region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region is a name such as eu-west-1')
      .describe("Default: the profile's.")
      .optional(),
  })
  .describe('An AWS account and how to reach it.');

/** A key, or the start of keys with `*` at its end. */
const pattern = text(
  /^(?!\/)[^$]{1,900}$/,
  'a prefix is the start of keys with a `*` at its end (`reports/*`), or one whole key, without `$` and a slash at the start',
);

const patterns = z.array(pattern).min(1, 'name at least one prefix; `*` is the whole bucket');

const access = z
  .strictObject({
    read: patterns.describe('Get and head objects under these prefixes.').optional(),
    write: patterns.describe('Put objects under these prefixes.').optional(),
    delete: patterns.describe('Delete objects under these prefixes.').optional(),
    list: patterns.describe('List keys under these prefixes.').optional(),
    tagging: z.boolean().describe('With read, write and delete: the tags of objects, too.').optional(),
    versions: z.boolean().describe('With read, delete and list: old versions of objects, too.').optional(),
    multipart: z
      .boolean()
      .describe(
        'With write: to upload in parts, abort uploads and list their parts; with list, to list uploads.',
      )
      .optional(),
    actions: z
      .array(text(/^s3:[A-Za-z]+$/, 'an action is written `s3:GetObjectAcl`, without wildcards'))
      .min(1)
      .describe('Further actions of S3, by name.')
      .optional(),
    on: patterns.describe('Which objects `actions` are for. Default: the whole bucket.').optional(),
  })
  .describe('What the grant allows.')
  .superRefine((value, context) => {
    const { read, write, delete: remove, list, actions, on } = value;
    if ([read, write, remove, list, actions].every((level) => level === undefined))
      context.addIssue('give at least one of read, write, delete, list and actions');
    if (on !== undefined && actions === undefined)
      context.addIssue({
        code: 'custom',
        path: ['on'],
        message: '`on` says where `actions` count, and there are none',
      });
  });

const DURATION = '`maxSession` is a time from 1h to 12h, such as `1h` or `90m`';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html */
const tagText = (longest: number) =>
  z
    .string('a tag and its value are texts')
    .max(longest, `a tag has up to 128 characters, and its value up to 256`)
    .regex(
      /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u,
      'a tag and its value are letters, digits, spaces and _.:/=+-@, and do not begin with aws:',
    );

const role = z
  .strictObject({
    name: text(/^[\w+=,.@-]{1,64}$/, 'a role name is 1 to 64 letters, digits and +=,.@-_')
      .describe("Default: the grant's name.")
      .optional(),
    path: text(/^\/([\x21-\x2e\x30-\x7e]+\/)*$/, "a role's path begins and ends with a slash").optional(),
    externalId: z
      .union([
        z.literal(false),
        text(/^[\w+=,.@:/-]{2,1224}$/, 'an external id is 2 to 1224 letters, digits and +=,.@:/-'),
      ])
      .describe(
        '`auto` makes a random one and keeps it in the trust policy. `false` asks for none. Default: auto.',
      )
      .optional(),
    maxSession: text(/^\d{1,5}[smh]$/, DURATION)
      .refine((value) => isSessionLength(value), DURATION)
      .describe('How long a session may last. Default: 1h.')
      .optional(),
    boundary: text(/^arn:[^:]+:iam::(\d{12}|aws):policy\/.+$/, 'a boundary is the ARN of a managed policy')
      .describe('ARN of the permissions boundary of the role.')
      .optional(),
    tags: z.record(tagText(128), tagText(256)).describe('Tags of the role.').optional(),
    sessionTags: z
      .boolean()
      .describe('Let sessions bring tags along, as those of EKS Pod Identity do.')
      .optional(),
    adopt: z
      .boolean()
      .describe(
        'Use a role that is there already and that crossbucket did not make. Its other permissions come with it.',
      )
      .optional(),
  })
  .describe('The role that route `role` makes in the destination.');

const conditions = z
  .strictObject({
    organization: text(/^o-[a-z0-9]{10,32}$/, 'an organization id is written o-a1b2c3d4e5')
      .describe('Only principals of this organization.')
      .optional(),
    mfa: z.literal(true).describe('Only with a second factor.').optional(),
    sourceIp: z
      .array(text(/^[0-9a-fA-F.:]+(\/\d{1,3})?$/, 'a network is written 203.0.113.0/24 or 2001:db8::/32'))
      .min(1)
      .describe('Only from these networks.')
      .optional(),
    vpcEndpoint: z
      .array(text(/^vpce-[0-9a-z]+$/, 'an endpoint id is vpce- and letters and digits'))
      .min(1)
      .describe('Only through these VPC endpoints.')
      .optional(),
    vpc: z
      .array(text(/^vpc-[0-9a-z]+$/, 'a VPC id is vpc- and letters and digits'))
      .min(1)
      .describe('Only from these VPCs, through an endpoint.')
      .optional(),
  })
  .describe(
    'Under which conditions. Route `role` asks when the role is assumed, route `bucket-policy` at each call.',
  );

const grant = z.strictObject({
  name: text(
    /^[A-Za-z0-9][A-Za-z0-9-]{0,47}$/,
    "a grant's name is up to 48 letters, digits and -, the first not a -",
  ).describe('Names the grant in commands, and what it makes.'),
  bucket: text(
    /^[^/]+\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    'a bucket is written ACCOUNT/BUCKET, with an account of `accounts`',
  ).describe('Account, then bucket: `data/acme-reports`.'),
  to: accountName.describe('The source account, by its name in `accounts`.'),
  principals: z
    .array(
      text(
        /^(role|user)\/([\x21-\x7e]+\/)*[\w+=,.@-]{1,64}$/,
        'a principal is written `role/NAME` or `user/NAME`, with its path where it has one',
      ),
    )
    .min(1, 'name at least one principal, or leave the line out')
    .describe('Who in the source account. Without it, whoever that account lets.')
    .optional(),
  access,
  route: z
    .enum(['role', 'bucket-policy'], 'a route is `role` or `bucket-policy`')
    .describe('Default: role.')
    .optional(),
  role: role.optional(),
  conditions: conditions.optional(),
  kmsKey: text(/^arn:[^:]+:kms:[^:]+:\d{12}:key\/.+$/, 'a key is named by its ARN')
    .describe(
      "ARN of a key that objects are encrypted with. Default: the key of the bucket's encryption settings.",
    )
    .optional(),
});

/** A VPC endpoint, whose policy `explain` reads here. */
const endpoint = z.strictObject({
  id: text(/^vpce-[0-9a-z]+$/, 'an endpoint id is vpce- and letters and digits'),
  vpc: text(/^vpc-[0-9a-z]+$/, 'a VPC id is vpc- and letters and digits').optional(),
  policy: z
    .union([z.looseObject({ Statement: z.unknown() }), z.string().min(1)])
    .describe('The policy document, or the path of a JSON file that holds it.')
    .optional(),
});

export const specSchema = z.strictObject({
  accounts: z.record(accountName, account).describe('The accounts, by the names that this file calls them.'),
  grants: z.array(grant).describe('Who may do what to which bucket.').optional(),
  endpoints: z.array(endpoint).describe('VPC endpoints that calls go through.').optional(),
});

export type Spec = z.infer<typeof specSchema>;
export type AccountSpec = Spec['accounts'][string];
export type GrantSpec = NonNullable<Spec['grants']>[number];
export type AccessSpec = GrantSpec['access'];
export type ConditionsSpec = NonNullable<GrantSpec['conditions']>;
export type EndpointSpec = NonNullable<Spec['endpoints']>[number];

const UNITS = { s: 1, m: 60, h: 3600 } as const;

/** `90m` in seconds. */
export function secondsOf(duration: string): number {
  const unit = duration.at(-1) as keyof typeof UNITS;
  return Number(duration.slice(0, -1)) * UNITS[unit];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html */
function isSessionLength(duration: string): boolean {
  const seconds = secondsOf(duration);
  return seconds >= 3600 && seconds <= 12 * 3600;
}

/** The schema of `crossbucket.yaml` as JSON Schema (2020-12), for editors. */
export function specJsonSchema(): Record<string, unknown> {
  return { title: 'crossbucket.yaml', ...z.toJSONSchema(specSchema) };
}
