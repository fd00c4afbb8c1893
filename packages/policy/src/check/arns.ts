import { splitArn } from '../arn.ts';
import { nearest } from '../nearest.ts';
import { quoted } from './rule.ts';

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns names the first three; the others are of isolated
// regions and of the European sovereign cloud.
const PARTITIONS = [
  'aws',
  'aws-cn',
  'aws-us-gov',
  'aws-iso',
  'aws-iso-b',
  'aws-iso-e',
  'aws-iso-f',
  'aws-eusc',
];

/** What is wrong with an ARN, and what to do. */
export interface ArnFault {
  code: 'invalid-arn' | 'invalid-account';
  message: string;
  help?: string;
}

/** Part of an ARN that stands for more than itself. */
export const isOpen = (part: string): boolean => /[*?]|\$\{/.test(part);

export const isAccountId = (text: string): boolean => /^\d{12}$/.test(text);

/** A word that an author was to replace: `SOURCE_ACCOUNT_ID`, `YOUR_BUCKET_NAME`, `<account>`. */
export const isPlaceholder = (text: string): boolean =>
  /^(?:[A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)+|<[^<>]*>|\{[^{}]*\}|\[[^[\]]*\])$/.test(text);

/** The faults of an ARN in its first five parts. */
export function faultsOfArn(text: string): ArnFault[] {
  const parts = splitArn(text);
  if (parts === undefined || parts[0] !== 'arn') return [notAnArn(text)];
  const [, partition = '', service = '', , account = ''] = parts;
  const faults: ArnFault[] = [];
  const head = parts.slice(0, 5).join(':');
  if (/\s/.test(head)) {
    return [
      {
        code: 'invalid-arn',
        message: `${quoted(text)} has a space`,
        help: `Write \`${head.replaceAll(/\s/g, '')}:${parts[5]?.trim()}\`.`,
      },
    ];
  }
  if (!isOpen(partition) && !PARTITIONS.includes(partition)) {
    faults.push({
      code: 'invalid-arn',
      message: `there is no partition \`${partition}\``,
      help: `Write \`${nearest(partition, PARTITIONS) ?? 'aws'}\`.`,
    });
  }
  if (service === '') {
    faults.push({
      code: 'invalid-arn',
      message: `${quoted(text)} names no service`,
      help: 'An ARN is `arn:partition:service:region:account:resource`.',
    });
  }
  if (account !== '' && account !== 'aws' && !isOpen(account) && !isAccountId(account)) {
    faults.push(invalidAccount(account));
  }
  return faults;
}

export function invalidAccount(account: string): ArnFault {
  const digits = account.replaceAll(/[\s-]/g, '');
  return {
    code: 'invalid-account',
    message: `${quoted(account)} is not an account id`,
    help: isPlaceholder(account)
      ? `Replace \`${account}\` with the account's 12 digits.`
      : isAccountId(digits)
        ? `Write \`${digits}\`.`
        : 'An account id has 12 digits.',
  };
}

function notAnArn(text: string): ArnFault {
  const squeezed = text.replaceAll(/\s/g, '');
  const message = `${quoted(text)} is not an ARN`;
  if (text !== squeezed && faultsOfSqueezed(squeezed)) {
    return { code: 'invalid-arn', message, help: `Write \`${squeezed}\`, without spaces.` };
  }
  if (text.startsWith('s3://')) {
    return { code: 'invalid-arn', message, help: `Write \`arn:aws:s3:::${text.slice('s3://'.length)}\`.` };
  }
  if (/^arn:aws[\w-]*:s3:/.test(text)) {
    const name = text.replace(/^arn:aws[\w-]*:s3:+/, '');
    return {
      code: 'invalid-arn',
      message,
      help: `Write \`arn:aws:s3:::${name}\`: S3's ARNs have three colons before the bucket.`,
    };
  }
  return { code: 'invalid-arn', message, help: 'An ARN is `arn:partition:service:region:account:resource`.' };
}

const faultsOfSqueezed = (squeezed: string): boolean => splitArn(squeezed)?.[0] === 'arn';
