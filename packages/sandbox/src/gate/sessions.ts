import type { ContextValue, NamedPolicy, PolicyDocument, SessionFacts } from '@crossbucket/policy';
import type { Caller } from './caller.ts';
import type { Principals } from './principals.ts';
import type { SessionClaims } from './session-token.ts';

/** What a session's policies come to where one of them is gone. */
const NOTHING: PolicyDocument = { Version: '2012-10-17', Statement: [] };

/** What the sessions of callers bring into decisions. */
export class Sessions {
  readonly #principals: Principals;
  readonly #inline = new WeakMap<SessionClaims, NamedPolicy>();

  constructor(principals: Principals) {
    this.#principals = principals;
  }

  factsOf({ session, federatedBy }: Caller): SessionFacts | undefined {
    if (!session) return undefined;
    const { tags, transitiveTags, sourceIdentity } = session;
    const policies = this.#policiesOf(session);
    return {
      issuedAt: new Date(session.issued).toISOString(),
      // An assumed role's session tells nothing of MFA, however it was made.
      // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
      mfa: session.kind === 'user' && session.authenticated !== undefined,
      ...(federatedBy !== undefined && { federatedBy }),
      ...(tags && { tags }),
      ...(transitiveTags && { transitiveTags }),
      ...(sourceIdentity !== undefined && { sourceIdentity }),
      ...(policies.length > 0 && { policies }),
    };
  }

  /** Managed session policies count as they are when they are used. */
  #policiesOf(session: SessionClaims): NamedPolicy[] {
    const managed = (session.policyArns ?? []).map(
      (arn) => this.#principals.policyOf(arn) ?? { name: arn, arn, document: NOTHING },
    );
    if (session.policy === undefined) return managed;
    let inline = this.#inline.get(session);
    if (!inline) {
      inline = { name: 'session policy', document: JSON.parse(session.policy) as PolicyDocument };
      this.#inline.set(session, inline);
    }
    return [inline, ...managed];
  }
}

/** The condition keys of a caller's session that the engine does not derive. */
export function sessionKeys({ session }: Caller, now: number): Record<string, ContextValue> {
  if (session?.kind === 'role') return session.federation ?? {};
  if (session?.kind !== 'user' || session.authenticated === undefined) return {};
  return { 'aws:MultiFactorAuthAge': Math.max(0, Math.floor((now - session.authenticated) / 1000)) };
}
