import { stringify } from 'yaml';

/** What `init` has to know. */
export interface InitAnswers {
  source: InitAccount;
  destination: InitAccount;
  bucket: string;
  /** `role/NAME`, `user/NAME`; empty for the whole account. */
  principals: string[];
  access: { read?: string[]; write?: string[]; delete?: string[]; list?: string[] };
  route: 'role' | 'bucket-policy';
  name: string;
}

export interface InitAccount {
  /** What the file calls it. */
  name: string;
  id: string;
  profile: string | undefined;
  region: string;
}

/** The text of a `crossbucket.yaml` with its comments. */
export function writeSpec({
  source,
  destination,
  bucket,
  principals,
  access,
  route,
  name,
}: InitAnswers): string {
  const levels = (['read', 'write', 'delete', 'list'] as const).filter(
    (level) => access[level] !== undefined,
  );
  return `# yaml-language-server: $schema=./node_modules/crossbucket/crossbucket.schema.json
# Who may do what to which bucket. \`crossbucket grant plan\` shows what follows from it in each account.

accounts:
  # The account whose code wants access.
${accountLines(source)}
  # The account that owns the bucket.
${accountLines(destination)}

grants:
  - name: ${text(name)}
    bucket: ${text(`${destination.name}/${bucket}`)} # account, then bucket
    to: ${text(source.name)}
${
  principals.length === 0
    ? `    # Without principals, whoever account ${source.id} lets has the access: better to name them.\n    # principals: [role/my-service]`
    : `    principals: [${principals.map(text).join(', ')}]`
}
    # Patterns of keys: the start of them with a \`*\`, or one whole key. Reading does not include listing.
    access:
${levels.map((level) => `      ${level}: [${access[level]!.map(text).join(', ')}]`).join('\n')}
${
  route === 'role'
    ? `    # A role in the destination, which the source assumes. \`bucket-policy\` lets the source in by the bucket's policy.
    route: role
    role:
      name: ${text(name)}
      externalId: auto # a random one, kept in the role's trust policy; not a secret
      maxSession: 1h`
    : `    # The bucket's policy names the source. \`role\` makes a role in the destination, which the source assumes.
    route: bucket-policy`
}
`;
}

const accountLines = ({ name, id, profile, region }: InitAccount): string =>
  [
    `  ${text(name)}:`,
    `    id: "${id}"`,
    ...(profile === undefined ? [] : [`    profile: ${text(profile)} # of the AWS config files`]),
    `    region: ${region}`,
  ].join('\n');

/** A text as YAML writes it in a list or behind a key. */
const text = (value: string): string =>
  stringify([value], { collectionStyle: 'flow', lineWidth: 0 })
    .trim()
    .replace(/^\[ ?| ?\]$/g, '');
