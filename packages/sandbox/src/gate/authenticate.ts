import type { Clock } from '../clock.ts';
import { isKnown, type Settings } from '../config/settings.ts';
import type { Store } from '../store/store.ts';
import type { AccessKeyRecord, UserRecord } from '../store/records.ts';
import { AwsError } from '../wire/errors.ts';
import type { RequestHead } from '../wire/message.ts';
import type { Protocol } from '../wire/protocol.ts';
import { verifySignatureV2 } from '../wire/sigv2.ts';
import type { Signature } from '../wire/signature.ts';
import { signingKey, verifySignature } from '../wire/sigv4.ts';
import { parseTimestamp } from '../wire/timestamps.ts';
import { AUTH_ERRORS, MAX_SKEW, type AuthErrors } from './auth-errors.ts';
import { ANONYMOUS, type Authenticated, type Caller } from './caller.ts';
import { federatedArn, iamArn, sessionArn } from '../store/arns.ts';
import { entityKey } from '../store/store.ts';
import type { LastUses } from './last-uses.ts';
import type { SessionClaims, SessionTokens } from './session-token.ts';

export interface AuthenticationState {
  store: Store;
  tokens: SessionTokens;
  clock: Clock;
  settings: Settings;
  lastUses: LastUses;
}

/**
 * Who signed a request, if the signature is good.
 * A signature's date is held against real time; a session's expiry against the sandbox's clock.
 * @param service The service that the request is for, which the credential's scope must name.
 * @throws AwsError in the protocol's own words.
 */
export function authenticate(
  head: RequestHead,
  signature: Signature | undefined,
  protocol: Protocol,
  state: AuthenticationState,
): Authenticated {
  if (!signature) return { caller: ANONYMOUS };
  const errors = AUTH_ERRORS[protocol];
  const { caller, secret } = identify(signature, errors, state);
  const verification = signature.v2
    ? verifySignatureV2(signature, secret)
    : verifySignature(head, signature, signingKey(secret, signature));
  if (!verification.matches) throw errors.mismatch(signature, verification);
  // Dates after the signature, as a forged request learns nothing else from its answer.
  checkDate(signature, errors);
  checkSignedHeaders(head, signature, errors);
  if (caller.session && caller.session.expires <= state.clock.now()) throw errors.expiredToken();
  if (state.store.accounts.get(caller.account)?.closed !== undefined) throw errors.closedAccount();
  const { region, service } = signature;
  state.lastUses.note(caller, { time: state.clock.now(), region, service });
  return { caller, secret };
}

function identify(
  signature: Signature,
  errors: AuthErrors,
  state: AuthenticationState,
): { caller: Caller; secret: string } {
  const { accessKeyId, securityToken } = signature;
  if (securityToken !== undefined) {
    const session = state.tokens.open(securityToken);
    if (!session || session.accessKeyId !== accessKeyId) throw errors.invalidToken();
    const caller = callerOfSession(session, state.store);
    if (!caller) throw errors.unknownKey(accessKeyId);
    return { caller, secret: state.tokens.secretOf(accessKeyId) };
  }
  const key = state.store.accessKeys.get(accessKeyId);
  if (!key || key.status !== 'Active' || !isKnown(key, state)) throw errors.unknownKey(accessKeyId);
  return { caller: callerOf(key, state.store), secret: key.secret };
}

/** Callers of keys and sessions, for as long as the user or role is the same record. */
const callers = new WeakMap<AccessKeyRecord | SessionClaims, { of: object; caller: Caller }>();

function known(by: AccessKeyRecord | SessionClaims, of: object, make: () => Caller): Caller {
  const found = callers.get(by);
  if (found?.of === of) return found.caller;
  const caller = make();
  callers.set(by, { of, caller });
  return caller;
}

function callerOf(key: AccessKeyRecord, store: Store): Caller {
  if (key.user === undefined) return known(key, key, () => rootOf(key.account, key.id));
  const user = store.users.get(entityKey(key.account, key.user));
  if (user) return known(key, user, () => callerOfUser(user, key.id));
  throw new AwsError('InternalError', `the access key \`${key.id}\` belongs to a user that is gone`);
}

/** Nobody, where the session's role or user is gone: one made anew under the same name is another. */
function callerOfSession(session: SessionClaims, store: Store): Caller | undefined {
  const { account, accessKeyId } = session;
  if (session.kind === 'role') {
    const role = store.findRole(session.roleArn);
    if (role?.id !== session.roleId) return undefined;
    return known(session, role, () => ({
      kind: 'assumed-role',
      arn: sessionArn(account, role.name, session.sessionName),
      account,
      userId: `${session.roleId}:${session.sessionName}`,
      accessKeyId,
      session,
    }));
  }
  const user = session.userId === undefined ? undefined : store.users.byId(session.userId);
  if (session.userId !== undefined && !user) return undefined;
  const maker = user ? callerOfUser(user, accessKeyId) : rootOf(account, accessKeyId);
  if (session.kind === 'user') return { ...maker, session };
  return {
    kind: 'federated-user',
    arn: federatedArn(account, session.name),
    account,
    userId: `${account}:${session.name}`,
    accessKeyId,
    federatedBy: maker.arn,
    session,
  };
}

function rootOf(account: string, accessKeyId: string): Caller {
  return { kind: 'root', arn: `arn:aws:iam::${account}:root`, account, userId: account, accessKeyId };
}

function callerOfUser(user: UserRecord, accessKeyId: string): Caller {
  return {
    kind: 'user',
    arn: iamArn('user', user.account, user.path, user.name),
    account: user.account,
    userId: user.id,
    userName: user.name,
    accessKeyId,
  };
}

function checkDate(signature: Signature, errors: AuthErrors): void {
  const now = Date.now();
  if (signature.v2 && signature.form !== 'header') {
    const { ends = Infinity } = signature.v2;
    if (ends <= now) throw expired(ends, now);
    return;
  }
  const signed = parseTimestamp(signature.timestamp);
  if (signature.form === 'query') {
    const expires = signed + signature.expires! * 1000;
    if (signed > now + MAX_SKEW)
      throw new AwsError('AccessDenied', 'Request is not yet valid', { fields: { ServerTime: iso(now) } });
    if (expires <= now) throw expired(expires, now, { 'X-Amz-Expires': String(signature.expires) });
    // A form's policy says when it ends.
  } else if (signature.form === 'header' && !(Math.abs(now - signed) <= MAX_SKEW))
    throw errors.skewed(signature, now);
  if (!signature.timestamp.startsWith(signature.date)) throw errors.wrongDay(signature);
}

const expired = (end: number, now: number, fields: Record<string, string> = {}): AwsError =>
  new AwsError('AccessDenied', 'Request has expired', {
    fields: { ...fields, Expires: iso(end), ServerTime: iso(now) },
  });

/**
 * The host and every x-amz- header must be signed, or somebody on the way could add one.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
function checkSignedHeaders(head: RequestHead, signature: Signature, errors: AuthErrors): void {
  // A form has them among its fields, all of which its policy must name; Version 2 always signs them.
  if (signature.form === 'post' || signature.v2) return;
  const signed = signature.signedHeaders;
  let unsigned: string[] | undefined;
  for (const name in head.headers)
    if (
      (name === 'host' || name.startsWith('x-amz-')) &&
      !signed.includes(name) &&
      name !== 'x-amz-content-sha256'
    )
      (unsigned ??= []).push(name);
  if (unsigned) throw errors.unsignedHeaders(unsigned);
}

function iso(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+/, '');
}
