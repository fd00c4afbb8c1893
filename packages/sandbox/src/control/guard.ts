import { timingSafeEqual } from 'node:crypto';
import { AwsError } from '../wire/errors.ts';
import { header, type RequestHead } from '../wire/message.ts';

const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/**
 * Lets no page of a browser in: neither one of another origin, nor one whose name was made to lead here.
 * @throws AwsError `Forbidden`
 */
export function requireLocal(head: RequestHead): void {
  const host = header(head, 'host') ?? '';
  if (!LOOPBACK.test(host))
    throw forbidden(
      'the paths under /_crossbucket/ are at 127.0.0.1, localhost and [::1], under no other name',
    );
  const origin = header(head, 'origin');
  const own = `${head.tls ? 'https' : 'http'}://${host}`;
  if (origin !== undefined && origin.toLowerCase() !== own.toLowerCase())
    throw forbidden('pages of other origins get no answer here');
}

/** @throws AwsError `Forbidden` */
export function requireToken(head: RequestHead, token: string): void {
  const [given, wanted] = [Buffer.from(header(head, 'x-crossbucket-token') ?? ''), Buffer.from(token)];
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
    throw forbidden('send the control token, which the sandbox prints at start, as x-crossbucket-token');
}

export function forbidden(message: string): AwsError {
  return new AwsError('Forbidden', message, { status: 403 });
}
