import { isShared, type ExportedDocument } from './exported.ts';

/** HCL for Terraform's AWS provider, one provider alias for each account. */
export function exportTerraform(documents: readonly ExportedDocument[]): string {
  const accounts = new Map<string, ExportedDocument>();
  for (const document of documents)
    if (!accounts.has(document.account)) accounts.set(document.account, document);
  const lines = ['# Made by `crossbucket grant export --format terraform`.', ''];
  lines.push(
    'terraform {',
    '  required_providers {',
    '    aws = {',
    '      source = "hashicorp/aws"',
    '    }',
    '  }',
    '}',
    '',
  );
  for (const [account, { profile }] of accounts)
    lines.push(
      'provider "aws" {',
      `  alias               = "${aliasOf(account)}"`,
      ...(profile === undefined ? [] : [`  profile             = ${value(profile)}`]),
      `  allowed_account_ids = [${value(account)}]`,
      '}',
      '',
    );
  for (const document of documents) lines.push(...resourceFor(document), '');
  return lines.join('\n');
}

const aliasOf = (account: string): string => `account_${account}`;

function resourceFor(document: ExportedDocument): string[] {
  const provider = ['provider', `aws.${aliasOf(document.account)}`] as const;
  switch (document.kind) {
    case 'role': {
      const { path, maxSession, boundary, tags, trust } = document.state;
      return block('aws_iam_role', document.role, [
        provider,
        ['name', value(document.role)],
        ['path', value(path)],
        ['max_session_duration', String(maxSession)],
        ...(boundary === null ? [] : [['permissions_boundary', value(boundary)] as const]),
        ['tags', value(tags, 1)],
        ['assume_role_policy', encoded(trust)],
      ]);
    }
    case 'inline-policy': {
      const { holder, policy } = document;
      return block(`aws_iam_${holder.kind}_policy`, `${holder.name}_${policy}`, [
        provider,
        ['name', value(policy)],
        [holder.kind, value(holder.name)],
        ['policy', encoded(document.document)],
        ...dependsOn(document),
      ]);
    }
    case 'bucket-policy':
      return [
        ...note(document),
        ...block('aws_s3_bucket_policy', document.bucket, [
          provider,
          ['bucket', value(document.bucket)],
          ['policy', encoded(document.document)],
        ]),
      ];
    case 'key-policy':
      return [
        ...note(document),
        ...block('aws_kms_key_policy', document.key.split('/').at(-1)!, [
          provider,
          ['key_id', value(document.key)],
          ['policy', encoded(document.document)],
        ]),
      ];
    case 'trust-policy':
      return [
        `# The role ${document.role} is not this grant's: give its own resource this trust policy.`,
        `# assume_role_policy = ${JSON.stringify(JSON.stringify(document.document))}`,
      ];
  }
}

/** A role that the same file makes comes before its policies. */
function dependsOn({
  holder,
  side,
}: Extract<ExportedDocument, { kind: 'inline-policy' }>): (readonly [string, string])[] {
  return side === 'destination' && holder.kind === 'role'
    ? [['depends_on', `[aws_iam_role.${nameOf(holder.name)}]`]]
    : [];
}

const note = (document: Extract<ExportedDocument, { others: number }>): string[] =>
  isShared(document) && document.others > 0
    ? [`# The resource holds the whole policy: ${document.others} of its statements were there before.`]
    : [];

function block(type: string, name: string, entries: readonly (readonly [string, string])[]): string[] {
  return [
    `resource "${type}" "${nameOf(name)}" {`,
    ...entries.map(([key, text]) => `  ${key} = ${text}`),
    '}',
  ];
}

/** A name begins with a letter or underscore. */
const nameOf = (text: string): string =>
  text.replaceAll(/[^A-Za-z0-9_-]/g, '_').replace(/^(?![A-Za-z_])/, '_');

const encoded = (document: unknown): string => `jsonencode(${value(document, 1)})`;

/** A value as an HCL expression. In its texts, `${` and `%{` would begin a template. */
function value(content: unknown, depth = 0): string {
  const indent = '  '.repeat(depth + 1);
  if (typeof content === 'string')
    return JSON.stringify(content).replaceAll('${', '$${').replaceAll('%{', '%%{');
  if (Array.isArray(content))
    return content.length === 0
      ? '[]'
      : `[\n${content.map((item) => `${indent}${value(item, depth + 1)},\n`).join('')}${'  '.repeat(depth)}]`;
  if (typeof content === 'object' && content !== null)
    return `{\n${Object.entries(content)
      .map(([key, item]) => `${indent}${JSON.stringify(key)} = ${value(item, depth + 1)}\n`)
      .join('')}${'  '.repeat(depth)}}`;
  return JSON.stringify(content);
}
