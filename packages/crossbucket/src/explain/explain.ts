import type { DeniedCall } from '@crossbucket/access';
import { answer } from './answer.ts';
import type { Evidence } from './evidence/evidence.ts';
import { ofDenial, readError } from './evidence/read-error.ts';
import type { Explanation } from './explanation.ts';
import type { ExplainOptions, Question } from './question/question.ts';

/** An explanation, which as a text is one line: what an error message has room for. */
export type Answer = Explanation & { toString(): string };

/**
 * Why a call is allowed or denied, and what to change. Takes a question; or a denied call as `explainDenials` of
 * `@crossbucket/access` gives it; or an error of an SDK or its message, with what it does not tell of the question in `more`.
 * @throws ExplainError where that is no question; AccountError where nothing can be read at all
 */
export async function explain(
  asked: Question | DeniedCall | Error | string,
  more: Partial<Question> & ExplainOptions = {},
): Promise<Answer> {
  const { profiles, accounts, spec, endpoints, now, connections, probe, ...told } = more;
  const options: ExplainOptions = { profiles, accounts, spec, endpoints, now, connections, probe };
  if (isQuestion(asked)) return withText(await answer({ ...asked, ...told }, options));
  const evidence = isDeniedCall(asked) ? ofCall(asked) : readError(asked);
  return withText(await answer({ ...evidence.question, ...told } as Question, { ...options, evidence }));
}

function withText(explanation: Explanation): Answer {
  const toString = () => {
    const [fix] = explanation.causes.flatMap(({ fixes }) => fixes);
    return fix === undefined ? explanation.reason : `${explanation.reason} Fix: ${fix.summary}.`;
  };
  return Object.defineProperty(explanation, 'toString', { value: toString }) as Answer;
}

const isQuestion = (asked: unknown): asked is Question =>
  typeof asked === 'object' && asked !== null && 'action' in asked && 'target' in asked;

const isDeniedCall = (asked: unknown): asked is DeniedCall =>
  typeof asked === 'object' && asked !== null && 'operation' in asked && 'denial' in asked;

function ofCall({
  denial,
  operation,
  action,
  bucket = '',
  key,
  owner,
  principal,
  roleArn,
}: DeniedCall): Evidence {
  const said = ofDenial(denial);
  const Bucket = bucket;
  return {
    ...said,
    operation,
    question: {
      ...said.question,
      action,
      target: bucket.startsWith('arn:')
        ? `${bucket}${key === undefined ? '' : `/object/${key}`}`
        : `s3://${bucket}${key === undefined ? '' : `/${key}`}`,
      operation: {
        service: 's3',
        operation,
        input: {
          Bucket,
          ...(key !== undefined && { Key: key }),
          ...(owner !== undefined && { ExpectedBucketOwner: owner }),
        },
      },
      ...(principal !== undefined ? { as: principal } : roleArn !== undefined && { via: [roleArn] }),
    },
  };
}
