import { splitArn } from '../arn.ts';
import { faultsOfArn, isOpen, isPlaceholder } from './arns.ts';
import { type Finding, type Rule, eachStatement, quoted } from './rule.ts';
import { type StatementView, type TextAt, textsOf } from './statement.ts';

const resources = (statement: StatementView): TextAt[] =>
  textsOf(statement, 'Resource', 'NotResource').filter(({ text }) => text !== '*' && text !== '');

/** An ARN in which a variable stands for the whole beginning cannot be judged. */
const isReadable = ({ text }: TextAt): boolean => !text.startsWith('${');

function* arnFaults(statement: StatementView, code: string): Generator<Finding> {
  for (const { text, path } of resources(statement).filter(isReadable)) {
    for (const fault of faultsOfArn(text)) {
      if (fault.code !== code) continue;
      yield { path, message: fault.message, help: fault.help };
    }
  }
}

/** The bucket that an S3 ARN names, where it names one plainly. */
function bucketIn(text: string): string | undefined {
  const parts = splitArn(text);
  if (parts?.[2] !== 's3' || parts[3] !== '' || parts[4] !== '') return undefined;
  const bucket = parts[5]?.split('/')[0];
  return bucket === undefined || isOpen(bucket) ? undefined : bucket;
}

export const RESOURCE_RULES: readonly Rule[] = [
  {
    code: 'invalid-arn',
    title: 'A resource that is not an ARN',
    severity: 'error',
    help: 'Write an ARN, or `*` alone.',
    find: eachStatement((statement) => arnFaults(statement, 'invalid-arn')),
  },
  {
    code: 'invalid-account',
    title: 'An account id that is not twelve digits',
    severity: 'error',
    help: 'An account id has 12 digits.',
    find: eachStatement((statement) => arnFaults(statement, 'invalid-account')),
  },
  {
    code: 'bucket-arn-with-account',
    title: 'The ARN of a bucket with a region or an account',
    severity: 'error',
    help: 'Write `arn:aws:s3:::BUCKET` or `arn:aws:s3:::BUCKET/KEY`.',
    find: eachStatement(function* (statement) {
      for (const { text, path } of resources(statement)) {
        const [scheme, , service, region = '', account = '', name = ''] = splitArn(text) ?? [];
        if (scheme !== 'arn' || service !== 's3' || isOpen(region) || isOpen(account)) continue;
        if ((region === '' && account === '') || isOpen(name.split(/[/:]/)[0] ?? '')) continue;
        if (
          /^(accesspoint|job|access-grants|storage-lens|storage-lens-group|async-request|object-lambda)[/:]?/.test(
            name,
          )
        )
          continue;
        yield {
          path,
          message: `${quoted(text)} has a region or an account, which the ARN of a bucket has not`,
          help: `Write \`arn:aws:s3:::${name}\`.`,
        };
      }
    }),
  },
  {
    code: 'placeholder',
    title: 'A word that was to be replaced',
    severity: 'warning',
    help: 'Put the real name in its place.',
    find: eachStatement(function* (statement) {
      for (const { text, path } of resources(statement)) {
        const bucket = bucketIn(text);
        if (bucket === undefined || !isPlaceholder(bucket)) continue;
        yield {
          path,
          message: `${quoted(bucket)} looks like a placeholder`,
          help: "Put the bucket's name in its place.",
        };
      }
    }),
  },
  {
    code: 'invalid-bucket-name',
    title: 'A bucket name that S3 does not give',
    severity: 'warning',
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    help: 'Bucket names have 3 to 63 lower-case letters, digits, dots and hyphens.',
    find: eachStatement(function* (statement) {
      for (const { text, path } of resources(statement)) {
        const bucket = bucketIn(text);
        // Until 2018 us-east-1 gave names with capitals and underscores.
        if (
          bucket === undefined ||
          isPlaceholder(bucket) ||
          /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/.test(bucket)
        )
          continue;
        yield { path, message: `${quoted(bucket)} cannot be the name of a bucket` };
      }
    }),
  },
];
