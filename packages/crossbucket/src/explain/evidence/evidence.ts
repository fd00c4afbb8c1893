import type { CauseCode } from '@crossbucket/policy';
import type { Facts } from '../core/situation.ts';
import type { Question } from '../question/question.ts';

/** What a message, a record or an error object tells of a failed call. */
export interface Evidence {
  /** AWS's error code, where it has one. */
  code?: string;
  message: string;
  /** `bare` where AWS says no more than that access is denied. */
  form: 'bare' | 'full';
  /** The cause that AWS names. It names one even where several apply. */
  claim?: CauseCode;
  /** ARN of the policy that AWS names. */
  policyArn?: string;
  /** What it tells of the question. */
  question: Partial<Question>;
  /** What it tells besides. */
  facts: Partial<Facts>;
  /** `GetObject` */
  operation?: string;
}
