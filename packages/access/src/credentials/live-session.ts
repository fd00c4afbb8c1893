import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { AccessError } from '../errors.ts';
import type { Clock } from './clock.ts';
import { nextStep, refreshTime, retryDelay } from './refresh-plan.ts';
import { sealCredentials } from './sealed-credentials.ts';
import { expiredError, isPermanent } from './sts-failure.ts';

/** What STS issued. */
export interface Issued {
  credentials: AwsCredentialIdentity;
  /** By the server's clock, in milliseconds. */
  expiration: number;
  /** How far the server's clock is ahead of ours, in milliseconds. */
  skew: number;
  /** ARN of the session. */
  arn: string;
}

interface Held {
  credentials: AwsCredentialIdentity;
  expiresAt: number;
  refreshAt: number;
}

interface Failure {
  error: AccessError;
  count: number;
  retryAt: number;
}

const sessionsOfCredentials = new WeakMap<AwsCredentialIdentity, LiveSession>();

/** The session that issued these very credentials, if this package did. */
export function sessionOf(credentials: AwsCredentialIdentity): LiveSession | undefined {
  return sessionsOfCredentials.get(credentials);
}

/** One session of one role, kept fresh. It never calls STS twice at once. */
export class LiveSession {
  readonly roleArn: string;
  readonly #issue: () => Promise<Issued>;
  readonly #clock: Clock;
  readonly #forget: () => void;
  #held: Held | undefined;
  #failure: Failure | undefined;
  #pending: Promise<AwsCredentialIdentity> | undefined;
  #cancelTimer: (() => void) | undefined;
  #usedSinceIssue = false;

  /** `issue` asks STS; `forget` is called when the session has lapsed unused. */
  constructor(roleArn: string, issue: () => Promise<Issued>, clock: Clock, forget: () => void) {
    this.roleArn = roleArn;
    this.#issue = issue;
    this.#clock = clock;
    this.#forget = forget;
  }

  /** The credentials in hand, or those that STS is asked for now. Rejects with an `AccessError`. */
  async credentials(): Promise<AwsCredentialIdentity> {
    this.#usedSinceIssue = true;
    switch (this.#nextStep()) {
      case 'use':
        return this.#held!.credentials;
      case 'renew':
        this.#renewQuietly();
        return this.#held!.credentials;
      case 'fetch':
        return this.#renew();
      case 'fail':
        throw expiredError(this.roleArn, this.#held?.expiresAt, this.#failure!.error);
    }
  }

  /** Drops these credentials because a service rejected them; false if they are not in hand any more. */
  drop(accessKeyId: string): boolean {
    if (this.#held?.credentials.accessKeyId !== accessKeyId) return false;
    this.#held = undefined;
    return true;
  }

  #nextStep() {
    const { expiresAt, refreshAt } = this.#held ?? {};
    return nextStep({ expiresAt, refreshAt, retryAt: this.#failure?.retryAt }, this.#clock.now());
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
    try {
      return this.#hold(await this.#issue());
    } catch (error) {
      this.#fail(error as AccessError);
      throw error;
    }
  }

  #hold({ credentials, expiration, skew }: Issued): AwsCredentialIdentity {
    const now = this.#clock.now();
    const expiresAt = expiration - skew;
    const sealed = sealCredentials({ ...credentials, expiration: new Date(expiresAt) });
    this.#held = {
      credentials: sealed,
      expiresAt,
      refreshAt: refreshTime(now, expiresAt, this.#clock.random()),
    };
    this.#failure = undefined;
    this.#usedSinceIssue = false;
    sessionsOfCredentials.set(sealed, this);
    this.#wakeAt(this.#held.refreshAt);
    return sealed;
  }

  #fail(error: AccessError): void {
    const count = (this.#failure?.count ?? 0) + 1;
    const delay = retryDelay(isPermanent(error) ? 'permanent' : 'transient', count, this.#clock.random());
    const retryAt = this.#clock.now() + delay;
    this.#failure = { error, count, retryAt };
    if (this.#held) this.#wakeAt(retryAt);
  }

  #wakeAt(time: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.after(time - this.#clock.now(), () => this.#wake());
  }

  /** Renews a session that is in use; lets one that is not lapse. */
  #wake(): void {
    const step = this.#nextStep();
    if (!this.#held || step === 'fetch' || step === 'fail') {
      if (!this.#usedSinceIssue) this.#forget();
    } else if (step === 'renew' && this.#usedSinceIssue) {
      this.#renewQuietly();
    } else {
      this.#wakeAt(step === 'use' ? this.#held.refreshAt : this.#held.expiresAt);
    }
  }
}
