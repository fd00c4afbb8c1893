import { stringify } from 'yaml';
import type { ExportedDocument } from './exported.ts';

/** A template for each account: CloudFormation acts in one. */
export interface ExportedTemplate {
  account: string;
  side: 'source' | 'destination';
  template: CloudFormationTemplate;
}

export interface CloudFormationTemplate {
  AWSTemplateFormatVersion: '2010-09-09';
  Description: string;
  /** What CloudFormation cannot do to things that it did not make. */
  Metadata?: { ByHand: { document: string; policy: unknown }[] };
  Resources: Record<string, { Type: string; Properties: Record<string, unknown>; DependsOn?: string[] }>;
}

export function cloudFormationTemplates(documents: readonly ExportedDocument[]): ExportedTemplate[] {
  const accounts = [...new Set(documents.map(({ account }) => account))];
  return accounts.map((account) => {
    const own = documents.filter((document) => document.account === account);
    const byHand = own.filter(({ kind }) => kind === 'key-policy' || kind === 'trust-policy');
    return {
      account,
      side: own[0]!.side,
      template: {
        AWSTemplateFormatVersion: '2010-09-09',
        Description: `Cross-account access to S3, the part of account ${account}. Made by crossbucket grant export.`,
        ...(byHand.length > 0 && {
          Metadata: {
            ByHand: byHand.map((document) => ({
              document: document.title,
              policy: (document as { document: unknown }).document,
            })),
          },
        }),
        Resources: Object.fromEntries(own.flatMap((document, index) => resourceFor(document, index, own))),
      },
    };
  });
}

export function exportCloudFormation(documents: readonly ExportedDocument[]): string {
  return cloudFormationTemplates(documents)
    .map(
      ({ account, template }) =>
        `# The template for account ${account}.\n${stringify(template, { aliasDuplicateObjects: false, lineWidth: 0 })}`,
    )
    .join('---\n');
}

type Resource = CloudFormationTemplate['Resources'][string];

function resourceFor(
  document: ExportedDocument,
  index: number,
  all: readonly ExportedDocument[],
): [string, Resource][] {
  const made = (kind: string): string => `${kind}${index + 1}`;
  switch (document.kind) {
    case 'role': {
      const { path, maxSession, boundary, tags, trust } = document.state;
      return [
        [
          made('Role'),
          {
            Type: 'AWS::IAM::Role',
            Properties: {
              RoleName: document.role,
              Path: path,
              MaxSessionDuration: maxSession,
              ...(boundary !== null && { PermissionsBoundary: boundary }),
              AssumeRolePolicyDocument: trust,
              Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
            },
          },
        ],
      ];
    }
    case 'inline-policy': {
      const { holder, policy } = document;
      const role = all.findIndex(
        (other) => other.kind === 'role' && holder.kind === 'role' && other.role === holder.name,
      );
      return [
        [
          made('Policy'),
          {
            Type: 'AWS::IAM::Policy',
            ...(role >= 0 && { DependsOn: [`Role${role + 1}`] }),
            Properties: {
              PolicyName: policy,
              PolicyDocument: document.document,
              [HOLDERS[holder.kind]]: [holder.name],
            },
          },
        ],
      ];
    }
    case 'bucket-policy':
      return [
        [
          made('BucketPolicy'),
          {
            Type: 'AWS::S3::BucketPolicy',
            Properties: { Bucket: document.bucket, PolicyDocument: document.document },
          },
        ],
      ];
    case 'key-policy':
    case 'trust-policy':
      return [];
  }
}

const HOLDERS = { role: 'Roles', user: 'Users', group: 'Groups' } as const;
