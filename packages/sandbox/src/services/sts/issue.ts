import type { SessionClaims } from '../../gate/session-token.ts';
import { AwsError } from '../../wire/errors.ts';
import { newAccessKeyId } from '../iam/names.ts';
import type { Call } from '../service.ts';

/** In bytes, of a session token: as the SDK's model of STS says of `MinimumSessionTokenSize`. */
const LARGEST_TOKEN = 4096;

/** The claims of a session that is not made yet. */
export type NewSession<Claims extends SessionClaims = SessionClaims> = Claims extends SessionClaims
  ? Omit<Claims, 'accessKeyId' | 'issued' | 'expires'>
  : never;

/** What every answer that gives a session says of it. */
export interface Issued {
  Credentials: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string; Expiration: Date };
  PackedPolicySize?: number;
  SessionTokenUtilization: number;
  SessionTokenSize: number;
}

/** Makes a session, and what every answer that gives one says of it. */
export function issue(
  session: NewSession,
  seconds: number,
  call: Call,
  input: { MinimumSessionTokenSize?: number | undefined },
): Issued {
  const accessKeyId = newAccessKeyId('ASIA', session.account);
  const issued = call.clock.now();
  const expires = issued + seconds * 1000;
  const claims = { accessKeyId, issued, expires, ...session } as SessionClaims;
  const token = call.tokens.seal(claims, input.MinimumSessionTokenSize);
  if (token.length > LARGEST_TOKEN)
    throw new AwsError(
      'PackedPolicyTooLarge',
      `The session token has ${token.length} bytes, and the maximum is ${LARGEST_TOKEN} bytes. Use smaller session policies and session tags.`,
    );
  const used = Math.ceil((token.length / LARGEST_TOKEN) * 100);
  const isPacked =
    session.policy !== undefined || session.policyArns !== undefined || session.tags !== undefined;
  const answer: Issued = {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: call.tokens.secretOf(accessKeyId),
      SessionToken: token,
      // AWS gives whole seconds.
      Expiration: new Date(Math.floor(expires / 1000) * 1000),
    },
    SessionTokenUtilization: used,
    SessionTokenSize: token.length,
  };
  if (isPacked) answer.PackedPolicySize = used;
  return answer;
}
