import { isShared, type ExportedDocument } from './exported.ts';

/** A shell script for the AWS CLI that makes the documents; run again, it changes nothing. */
export function exportAwsCli(documents: readonly ExportedDocument[]): string {
  const lines = [
    '#!/bin/sh',
    '# Made by `crossbucket grant export --format aws-cli`.',
    '# AWS may name another command, or add options to it: AWS="aws --endpoint-url http://127.0.0.1:4566".',
    'set -eu',
    'AWS=${AWS:-aws}',
    '',
  ];
  for (const document of documents) {
    lines.push(`# Account ${document.account}: ${document.title}`);
    if (isShared(document) && document.others > 0)
      lines.push(
        `# ${document.others} of its statements were there before: export again if it has changed since.`,
      );
    lines.push(...commandsFor(document), '');
  }
  return lines.join('\n');
}

function commandsFor(document: ExportedDocument): string[] {
  const aws = `$AWS${document.profile === undefined ? '' : ` --profile ${quote(document.profile)}`}`;
  switch (document.kind) {
    case 'role': {
      const { path, maxSession, boundary, tags, trust } = document.state;
      const name = quote(document.role);
      const pairs = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      return [
        `if ${aws} iam get-role --role-name ${name} >/dev/null 2>&1; then`,
        `  ${aws} iam update-assume-role-policy --role-name ${name} --policy-document ${json(trust)}`,
        `  ${aws} iam update-role --role-name ${name} --max-session-duration ${maxSession}`,
        `  ${aws} iam tag-role --role-name ${name} --tags ${json(pairs)}`,
        ...(boundary === null
          ? []
          : [
              `  ${aws} iam put-role-permissions-boundary --role-name ${name} --permissions-boundary ${quote(boundary)}`,
            ]),
        'else',
        `  ${aws} iam create-role --role-name ${name} --path ${quote(path)} --max-session-duration ${maxSession} ${boundary === null ? '' : `--permissions-boundary ${quote(boundary)} `}--tags ${json(pairs)} --assume-role-policy-document ${json(trust)} >/dev/null`,
        'fi',
      ];
    }
    case 'inline-policy': {
      const { holder, policy } = document;
      return [
        `${aws} iam put-${holder.kind}-policy --${holder.kind}-name ${quote(holder.name)} --policy-name ${quote(policy)} --policy-document ${json(document.document)}`,
      ];
    }
    case 'bucket-policy':
      return [
        `${aws} s3api put-bucket-policy --bucket ${quote(document.bucket)} --expected-bucket-owner ${document.account} --policy ${json(document.document)}`,
      ];
    case 'key-policy':
      return [
        `${aws} kms put-key-policy --region ${document.key.split(':')[3]!} --key-id ${quote(document.key)} --policy-name default --policy ${json(document.document)}`,
      ];
    case 'trust-policy':
      return [
        `${aws} iam update-assume-role-policy --role-name ${quote(document.role)} --policy-document ${json(document.document)}`,
      ];
  }
}

const json = (value: unknown): string => quote(JSON.stringify(value));

const quote = (text: string): string =>
  /^[\w./:@+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
