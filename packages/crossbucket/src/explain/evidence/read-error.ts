import { parseAccessDenied, type Denial } from '@crossbucket/access';
import { ExplainError } from '../explain-error.ts';
import type { Evidence } from './evidence.ts';
import { meaningOf, type ErrorText } from './error-codes.ts';

/**
 * Reads a failed call from an error of an SDK (or its `cause`), a message in any of AWS's forms, an error document, or
 * the output of the AWS CLI.
 * @throws ExplainError `bad-evidence` where it tells of no failure that access has to do with
 */
export function readError(error: unknown): Evidence {
  const text = errorText(error);
  const meaning = text && meaningOf(text);
  const operation = typeof error === 'string' ? operationIn(error) : undefined;
  const common = { question: {}, facts: {}, ...(operation !== undefined && { operation }) };
  if (text && meaning) return { ...common, code: text.code, message: text.message, form: 'full', ...meaning };
  if (text && BARE.has(text.code)) return { ...common, code: text.code, message: text.message, form: 'bare' };
  const denial = parseAccessDenied(error);
  if (denial !== undefined) return { ...common, ...ofDenial(denial), ...(text?.code && { code: text.code }) };
  const said =
    typeof error === 'string' ? error : ((error as Partial<Error> | undefined)?.message ?? typeof error);
  throw new ExplainError(
    'bad-evidence',
    `\`${said.slice(0, 200)}\` tells of no denial`,
    'give the whole message, as AWS, an SDK, the AWS CLI or CloudTrail shows it',
  );
}

/**
 * What says no more than its status: a HEAD of what is not there, by the SDK and by the AWS CLI; and what S3 keeps to the
 * owner of a bucket, as the SDK's documentation of GetBucketPolicy says.
 */
const BARE: ReadonlySet<string> = new Set(['NotFound', '404', 'MethodNotAllowed']);

/** How KMS denies the use of a key of another account. */
const FOREIGN_KEY = /^kms:.*no resource-based policies allow access/s;

/** What a denial says, as a question and a claim. */
export function ofDenial({ message, form, principal, action, resource, reason }: Denial): Evidence {
  return {
    message,
    form,
    ...(reason && { claim: reason.cause }),
    ...(FOREIGN_KEY.test(`${action} ${message}`) && { claim: 'kms-key-policy' as const }),
    ...(reason?.policyArn !== undefined && { policyArn: reason.policyArn }),
    question: {
      ...(principal?.startsWith('arn:') && { as: principal }),
      ...(action !== undefined && { action }),
      ...(resource !== undefined && isTarget(resource) && { target: resource }),
    },
    facts: {},
  };
}

const isTarget = (resource: string): boolean =>
  /^arn:[a-z-]+:(s3:|iam::\d{12}:role\/|kms:[^:]+:\d{12}:key\/)/.test(resource);

const CLI = /An error occurred \(([\w.]+)\) when calling the (\w+) operation[^:]*: ([^]*)/;

const operationIn = (text: string): string | undefined => CLI.exec(text)?.[2];

const DEEPEST_CAUSE = 8;

/** Code and message of an error, whoever wrapped it. */
function errorText(error: unknown): ErrorText | undefined {
  return typeof error === 'string' ? textOf(error) : objectText(error, DEEPEST_CAUSE);
}

function objectText(error: unknown, depth: number): ErrorText | undefined {
  if (typeof error !== 'object' || error === null || depth === 0) return undefined;
  try {
    const { name, code, Code, errorCode, message, errorMessage, cause, $response } = error as Record<
      string,
      unknown
    >;
    const known = [errorCode, Code, code, name].find(
      (one) => typeof one === 'string' && !/^(Error|TypeError|Unknown)$/.test(one),
    );
    const said = [message, errorMessage].find((one) => typeof one === 'string') as string | undefined;
    const region = ($response as { headers?: Record<string, string> } | undefined)?.headers?.[
      'x-amz-bucket-region'
    ];
    const own = known === undefined ? undefined : { code: known as string, message: said ?? '', region };
    if (own && meaningOf(own)) return own;
    return objectText(cause, depth - 1) ?? own ?? (said === undefined ? undefined : textOf(said));
  } catch {
    // A hostile getter or proxy.
    return undefined;
  }
}

/** From an error document, the AWS CLI, or `CODE: message`. */
function textOf(text: string): ErrorText | undefined {
  const xml = /<Code>([\w.]{1,100})<\/Code>/.exec(text)?.[1];
  if (xml !== undefined) return { code: xml, message: /<Message>([^<]{0,4000})/.exec(text)?.[1] ?? '' };
  const [, code, , message] = CLI.exec(text) ?? [];
  if (code !== undefined) return { code, message: message!.trim() };
  const plain = /^\s*(?:\w+Error: )?([A-Z][\w.]{3,60}): ([^]*)/.exec(text);
  return plain ? { code: plain[1]!, message: plain[2]!.trim() } : { code: '', message: text.trim() };
}
