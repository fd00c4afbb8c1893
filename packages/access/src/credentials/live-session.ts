import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { AccessError } from '../errors.ts';
import { expiredError, isPermanent } from './assume-role-error.ts';
import type { Clock } from './clock.ts';
import { nextStep, refreshTime, retryDelay, wakeTime, type SessionTimes, type Step } from './refresh-plan.ts';
import { RejectionGuard } from './rejection-guard.ts';
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
  /** Since it was issued. */
  #used = false;
  #forgotten = false;
  readonly #rejections = new RejectionGuard();
  #lastRejected: string | undefined;

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
    this.#used = true;
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
    this.#used = true;
    return this.#renew();
  }

  /**
   * A service rejected these credentials: drops them. False when others would not help, because fresh ones were rejected
   * a moment ago too.
   */
  rejected(accessKeyId: string): boolean {
    if (this.#held?.credentials.accessKeyId !== accessKeyId) return true;
    if (!this.#rejections.admit(this.#held.proven, this.#parts.clock)) return false;
    this.#lastRejected = accessKeyId;
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

  get #times(): SessionTimes {
    return {
      expiresAt: this.#held?.expiresAt,
      refreshAt: this.#held?.refreshAt,
      retryAt: this.#failure?.retryAt,
    };
  }

  #nextStep(): Step {
    return nextStep(this.#times, this.#parts.clock.now());
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
      const issued = await issue(this.#held?.credentials.accessKeyId ?? this.#lastRejected);
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
    this.#used = false;
    sessionsOfCredentials.set(credentials, this);
    this.#wakeLater();
    publishSessionEvent('refresh', this.describe(), { took });
    return credentials;
  }

  #fail(error: AccessError): void {
    const { clock } = this.#parts;
    const count = (this.#failure?.count ?? 0) + 1;
    const delay = retryDelay(isPermanent(error) ? 'permanent' : 'transient', count, clock.random());
    const at = clock.now();
    this.#failure = { error, count, at, retryAt: at + delay };
    this.#wakeLater();
    publishSessionEvent('failure', this.describe(), { error });
  }

  #noteExpiry(): void {
    if (!this.#held) return;
    this.#expiredAt = this.#held.expiresAt;
    this.#held = undefined;
    publishSessionEvent('expiry', this.describe(), {});
  }

  #wakeLater(): void {
    const { clock } = this.#parts;
    const now = clock.now();
    this.#cancelTimer?.();
    this.#cancelTimer = clock.after(wakeTime(this.#times, this.#used, now) - now, () => this.#wake());
  }

  /** Renews a session that is in use; lets one that is not lapse. */
  #wake(): void {
    const step = this.#nextStep();
    if (step === 'renew' && this.#used) {
      this.#renewQuietly();
      return;
    }
    if (step === 'fetch' || step === 'fail') {
      this.#noteExpiry();
      if (!this.#used) {
        this.#forgotten = true;
        this.#parts.forget();
        return;
      }
      this.#used = false;
    }
    this.#wakeLater();
  }
}
