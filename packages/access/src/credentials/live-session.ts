import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { AccessError } from '../errors.ts';
import { expiredError, isPermanent } from './assume-role-error.ts';
import type { Clock } from './clock.ts';
import { nextStep, refreshTime, retryDelay } from './refresh-plan.ts';
import { sealCredentials } from './sealed-credentials.ts';
import { parseRoleArn } from './role-arn.ts';
import type { SessionDescription } from './session-description.ts';
import { publishSessionEvent } from './session-events.ts';

/** What STS issued. Times are milliseconds. */
export interface Issued {
  credentials: AwsCredentialIdentity;
  /** By our clock. */
  issuedAt: number;
  /** By the server's clock. */
  expiration: number;
  /** How far the server's clock is ahead of ours. */
  skew: number;
  /** ARN of the session. */
  arn: string;
  /** Region of the STS endpoint. */
  region: string;
}

export interface SessionParts {
  /** Names the session; another session never has the same. */
  key: string;
  roleArn: string;
  sessionName: string;
  /** Asks for credentials other than those with this access key id. Rejects with an `AccessError`. */
  issue: (insteadOf: string | undefined) => Promise<Issued>;
  clock: Clock;
  /** Called when the session has lapsed unused. */
  forget: () => void;
}

interface Held extends Issued {
  expiresAt: number;
  refreshAt: number;
  /** A service has taken them. */
  proven: boolean;
}

interface Failure {
  error: AccessError;
  count: number;
  at: number;
  retryAt: number;
}

const sessionsOfCredentials = new WeakMap<AwsCredentialIdentity, LiveSession>();

/** The session that issued these very credentials, if this package did. */
export function sessionOf(credentials: AwsCredentialIdentity): LiveSession | undefined {
  return sessionsOfCredentials.get(credentials);
}

const date = (time: number | undefined) => (time === undefined ? undefined : new Date(time));

/** One session of one role, kept fresh. It never asks STS twice at once. */
export class LiveSession {
  readonly #parts: SessionParts;
  #held: Held | undefined;
  /** When the last credentials ended that were not renewed. */
  #expiredAt: number | undefined;
  #failure: Failure | undefined;
  #pending: Promise<AwsCredentialIdentity> | undefined;
  #cancelTimer: (() => void) | undefined;
  #usedSinceIssue = false;
  #forgotten = false;
  /** Fresh credentials that were rejected in a row, and until when no more are fetched because of that. */
  #rejections = { count: 0, until: 0, last: undefined as string | undefined };

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get key(): string {
    return this.#parts.key;
  }

  get roleArn(): string {
    return this.#parts.roleArn;
  }

  /** True once the session has lapsed unused: whoever needs it opens it again. */
  get forgotten(): boolean {
    return this.#forgotten;
  }

  /** The credentials in hand, or those that are asked for now. Rejects with an `AccessError`. */
  async credentials(): Promise<AwsCredentialIdentity> {
    this.#usedSinceIssue = true;
    switch (this.#nextStep()) {
      case 'use':
        return this.#held!.credentials;
      case 'renew':
        this.#renewQuietly();
        return this.#held!.credentials;
      case 'fetch':
        this.#noteExpiry();
        return this.#renew();
      case 'fail':
        this.#noteExpiry();
        throw expiredError(this.roleArn, this.#expiredAt, this.#failure!.error);
    }
  }

  /** Asks STS now, whatever is in hand. */
  renew(): Promise<AwsCredentialIdentity> {
    this.#usedSinceIssue = true;
    return this.#renew();
  }

  /**
   * A service rejected these credentials: drops them. False when others would not help, because fresh ones were rejected
   * a moment ago too.
   */
  rejected(accessKeyId: string): boolean {
    if (this.#held?.credentials.accessKeyId !== accessKeyId) return true;
    const now = this.#parts.clock.now();
    if (this.#held.proven) this.#rejections.count = 0;
    else if (now < this.#rejections.until) return false;
    const count = this.#rejections.count + 1;
    const until = now + retryDelay('permanent', count, this.#parts.clock.random());
    this.#rejections = { count, until, last: accessKeyId };
    this.#held = undefined;
    return true;
  }

  /** A service has taken these credentials. */
  accepted(accessKeyId: string): void {
    if (this.#held?.credentials.accessKeyId === accessKeyId) this.#held.proven = true;
  }

  /** What is known of the session, without its secrets. */
  describe(): SessionDescription {
    const { roleArn, sessionName, clock } = this.#parts;
    const { arn, region, issuedAt, expiresAt, refreshAt } = this.#held ?? {};
    const valid = expiresAt !== undefined && clock.now() < expiresAt;
    return {
      roleArn,
      account: parseRoleArn(roleArn).account,
      sessionName,
      state: valid ? 'valid' : this.#failure ? 'failed' : (this.#expiredAt ?? expiresAt) ? 'expired' : 'none',
      renewing: this.#pending !== undefined,
      arn,
      region,
      issuedAt: date(issuedAt),
      refreshAt: date(refreshAt),
      expiration: date(expiresAt ?? this.#expiredAt),
      failure: this.#failure && {
        code: this.#failure.error.code,
        message: this.#failure.error.message,
        count: this.#failure.count,
        at: new Date(this.#failure.at),
        retryAt: new Date(this.#failure.retryAt),
      },
    };
  }

  #nextStep() {
    const { expiresAt, refreshAt } = this.#held ?? {};
    return nextStep({ expiresAt, refreshAt, retryAt: this.#failure?.retryAt }, this.#parts.clock.now());
  }

  #renew(): Promise<AwsCredentialIdentity> {
    this.#pending ??= this.#attempt().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  #renewQuietly(): void {
    // The failure is kept, and thrown once nothing valid is left.
    this.#renew().catch(() => {});
  }

  async #attempt(): Promise<AwsCredentialIdentity> {
    const { clock, issue } = this.#parts;
    const startedAt = clock.now();
    try {
      const issued = await issue(this.#held?.credentials.accessKeyId ?? this.#rejections.last);
      return this.#hold(issued, clock.now() - startedAt);
    } catch (error) {
      this.#fail(error as AccessError);
      throw error;
    }
  }

  #hold(issued: Issued, took: number): AwsCredentialIdentity {
    const { clock, roleArn } = this.#parts;
    const expiresAt = issued.expiration - issued.skew;
    if (expiresAt <= clock.now()) {
      throw new AccessError(
        'assume-role-failed',
        `sts issued a session of \`${roleArn}\` that has ended already, at ${new Date(expiresAt).toISOString()}`,
        'check the clock of this machine and of the endpoint',
      );
    }
    const credentials = sealCredentials({ ...issued.credentials, expiration: new Date(expiresAt) });
    const refreshAt = refreshTime(issued.issuedAt, expiresAt, clock.random());
    this.#held = { ...issued, credentials, expiresAt, refreshAt, proven: false };
    this.#failure = undefined;
    this.#expiredAt = undefined;
    this.#usedSinceIssue = false;
    sessionsOfCredentials.set(credentials, this);
    this.#wakeAt(refreshAt);
    publishSessionEvent('refresh', this.describe(), { took });
    return credentials;
  }

  #fail(error: AccessError): void {
    const { clock } = this.#parts;
    const count = (this.#failure?.count ?? 0) + 1;
    const delay = retryDelay(isPermanent(error) ? 'permanent' : 'transient', count, clock.random());
    const at = clock.now();
    this.#failure = { error, count, at, retryAt: at + delay };
    if (this.#held) this.#wakeAt(at + delay);
    publishSessionEvent('failure', this.describe(), { error });
  }

  #noteExpiry(): void {
    if (!this.#held) return;
    this.#expiredAt = this.#held.expiresAt;
    this.#held = undefined;
    publishSessionEvent('expiry', this.describe(), {});
  }

  #wakeAt(time: number): void {
    const { clock } = this.#parts;
    this.#cancelTimer?.();
    this.#cancelTimer = clock.after(time - clock.now(), () => this.#wake());
  }

  /** Renews a session that is in use; lets one that is not lapse. */
  #wake(): void {
    const { expiresAt, refreshAt } = this.#held ?? {};
    const step = this.#nextStep();
    if (expiresAt === undefined || refreshAt === undefined || step === 'fetch' || step === 'fail') {
      this.#noteExpiry();
      this.#forgotten = true;
      this.#parts.forget();
    } else if (step === 'renew' && this.#usedSinceIssue) {
      this.#renewQuietly();
    } else {
      const now = this.#parts.clock.now();
      this.#wakeAt(
        now < refreshAt ? refreshAt : Math.min(expiresAt, Math.max(this.#failure?.retryAt ?? expiresAt, now)),
      );
    }
  }
}
