import type { ExportedDocument } from './exported.ts';

export interface StepsContext {
  /** What the reader is told about each grant: its role and external id. */
  grants: {
    name: string;
    roleArn?: string;
    externalId?: string;
    bucket: string;
    source: string;
    destination: string;
  }[];
}

/** A walkthrough for AWS's web console, every document filled in, as Markdown. */
export function exportSteps(documents: readonly ExportedDocument[], { grants }: StepsContext): string {
  const accounts = [...new Set(documents.map(({ account }) => account))];
  const lines: string[] = ['# Cross-account access to S3, step by step', ''];
  for (const { name, bucket, source, destination } of grants)
    lines.push(
      `- **${name}**: account ${source} gets access to the bucket \`${bucket}\` of account ${destination}.`,
    );
  lines.push('');
  for (const account of accounts) {
    lines.push(
      `## In account ${account}`,
      '',
      `Sign in to the AWS console as an administrator of account ${account}.`,
      '',
    );
    const own = documents.filter((document) => document.account === account);
    for (const [index, document] of own.entries())
      lines.push(`### ${index + 1}. ${headingOf(document)}`, '', ...stepsFor(document), '');
  }
  const told = grants.filter(({ roleArn }) => roleArn !== undefined);
  if (told.length > 0) {
    lines.push('## What the source has to know', '');
    for (const { name, roleArn, externalId } of told)
      lines.push(
        `- **${name}**: assume the role \`${roleArn}\`${externalId === undefined ? '' : ` with the external id \`${externalId}\` (not a secret)`}.`,
      );
    lines.push('');
  }
  return lines.join('\n');
}

function headingOf(document: ExportedDocument): string {
  switch (document.kind) {
    case 'role':
      return `Create the role \`${document.role}\``;
    case 'inline-policy':
      return `Add a policy to the ${document.holder.kind} \`${document.holder.name}\``;
    case 'bucket-policy':
      return `Change the policy of the bucket \`${document.bucket}\``;
    case 'key-policy':
      return 'Change the policy of the key';
    case 'trust-policy':
      return `Change the trust policy of the role \`${document.role}\``;
  }
}

function stepsFor(document: ExportedDocument): string[] {
  switch (document.kind) {
    case 'role': {
      const { path, maxSession, boundary, tags, trust } = document.state;
      return [
        'Open IAM > Roles > Create role > Custom trust policy, and put in:',
        ...json(trust),
        'Choose Next without a permissions policy: that comes in a step of its own.',
        ...(boundary === null ? [] : [`Under "Set permissions boundary", choose \`${boundary}\`.`]),
        `Name the role \`${document.role}\` and add the tags ${Object.entries(tags)
          .map(([key, value]) => `\`${key}\` = \`${value}\``)
          .join(', ')}.`,
        `Create it, open it, choose Edit, and set the maximum session duration to ${maxSession / 3600} hour${maxSession === 3600 ? '' : 's'}.`,
        ...(path === '/'
          ? []
          : [
              `The console gives no path; a role with the path \`${path}\` takes the AWS CLI: \`crossbucket grant export --format aws-cli\`.`,
            ]),
      ];
    }
    case 'inline-policy': {
      const { holder, policy, document: content } = document;
      const place = { role: 'Roles', user: 'Users', group: 'User groups' }[holder.kind];
      return [
        `Open IAM > ${place} > \`${holder.name}\` > Permissions > Add permissions > Create inline policy > JSON, and put in:`,
        ...json(content),
        `Name it \`${policy}\`, and create it.`,
      ];
    }
    case 'bucket-policy':
      return [
        `Open S3 > Buckets > \`${document.bucket}\` > Permissions > Bucket policy > Edit, and put in:`,
        ...shared(document),
      ];
    case 'key-policy':
      return [
        `Open KMS > Customer managed keys > \`${document.key.split('/').at(-1)!}\` > Key policy > Switch to policy view > Edit, and put in:`,
        ...shared(document),
      ];
    case 'trust-policy':
      return [
        `Open IAM > Roles > \`${document.role}\` > Trust relationships > Edit trust policy, and put in:`,
        ...shared(document),
      ];
  }
}

function shared(document: Extract<ExportedDocument, { others: number }>): string[] {
  const { others } = document;
  const note =
    others === 0
      ? []
      : [
          `${others === 1 ? 'One statement of it was' : `${others} statements of it were`} there before and must stay: if the policy has changed since, add only those whose Sid begins with \`Crossbucket\`.`,
        ];
  return [...json(document.document), ...note];
}

const json = (value: unknown): string[] => [
  '',
  '```json',
  ...JSON.stringify(value, null, 2).split('\n'),
  '```',
  '',
];
