import { asAwsError, failureKind, statusOf } from '../../accounts/aws-error.ts';
import { pauses } from '../../changes/settle.ts';

/** What came of a call. */
export interface Answer<T = unknown> {
  actual: 'allowed' | 'denied' | 'failed';
  detail?: string;
  value?: T;
}

/** Access that was just given takes AWS a while. https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html */
export async function patiently<T>(patience: number, call: () => Promise<Answer<T>>): Promise<Answer<T>> {
  let answer = await call();
  if (answer.actual !== 'denied') return answer;
  for await (const _ of pauses(500, patience)) {
    answer = await call();
    if (answer.actual !== 'denied') return answer;
  }
  return answer;
}

export async function answerOf<T>(call: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { actual: 'allowed', value: await call() };
  } catch (error) {
    const { name, message } = asAwsError(error);
    const detail = [name, message].filter(Boolean).join(': ') || String(error);
    if (failureKind(error) === 'denied') return { actual: 'denied', detail };
    // Whoever may not read is told 403, whether the key is there or not.
    if (statusOf(error) === 404 && name !== 'NoSuchBucket') return { actual: 'allowed' };
    // An empty object has no first byte.
    if (statusOf(error) === 416) return { actual: 'allowed' };
    return { actual: 'failed', detail };
  }
}
