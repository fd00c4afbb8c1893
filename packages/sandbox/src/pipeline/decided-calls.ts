import type { CallDecision, ObjectFacts } from '@crossbucket/policy';
import type { RequestFacts } from '../gate/authorize.ts';
import type { Caller } from '../gate/caller.ts';
import { DecisionMemo, inFull } from '../gate/decision-memo.ts';
import { denialOf } from '../gate/denied.ts';
import type { Worlds } from '../gate/world.ts';
import type { Call, Context, Survey } from '../services/service.ts';
import type { IncomingBody } from '../wire/body.ts';
import type { AwsError } from '../wire/errors.ts';
import type { Members, Progress } from './progress.ts';

/** Makes of a request the call that survey and handler see, which asks for its permissions as it goes. */
export class DecidedCalls {
  readonly #context: Context;
  readonly #worlds: Worlds;
  readonly #decisions: DecisionMemo;

  constructor(context: Context, worlds: Worlds) {
    this.#context = context;
    this.#worlds = worlds;
    this.#decisions = new DecisionMemo(context.store, worlds);
  }

  callOf(progress: Progress, body: IncomingBody | undefined): Call {
    const {
      store,
      clock,
      tokens,
      trail,
      events,
      accounts,
      settings,
      lastUses,
      identityKeys,
      serviceCalls,
      deliveries,
    } = this.#context;
    const { head, requestId, caller, region, definition, signature, endpoint } = progress;
    let facts: RequestFacts | undefined;
    const decideOn = (operation: string, its: Members, object?: ObjectFacts) => {
      facts ??= {
        head,
        signature,
        caller: progress.caller,
        survey: progress.survey,
        now: clock.now(),
        received: Date.now(),
        region,
        service: definition.name,
        endpoint,
        plainIsSecure: settings.plainIsSecure,
      };
      const about = object ? { ...facts, survey: { ...facts.survey, facts: { object } } } : facts;
      // Who agrees to pay for a call agrees to pay for what belongs to it.
      const { RequestPayer } = progress.input;
      const whole = RequestPayer === undefined ? its : { RequestPayer, ...its };
      return this.#decisions.decide(about, operation, whole);
    };
    return {
      store,
      clock,
      tokens,
      trail,
      events,
      accounts,
      settings,
      lastUses,
      identityKeys,
      serviceCalls,
      deliveries,
      head,
      requestId,
      caller,
      region,
      survey: progress.survey,
      body,
      requireAlso: (operation, input, object) => {
        const decision = decideOn(operation, input, object);
        // The call's own comes first, and stays unless a further one is denied.
        if (!progress.decision || decision.outcome !== 'allow') progress.decision = decision;
        if (decision.outcome !== 'allow') throw this.#denialOf(inFull(decision), progress);
      },
      allows: (operation, input) => decideOn(operation, input).outcome === 'allow',
    };
  }

  #denialOf(decision: CallDecision, { caller, survey, definition }: Progress): AwsError {
    return denialOf(
      decision,
      caller,
      definition.protocol,
      (account) => this.#worlds.areTogether(caller.account, account ?? ownerOf(survey, caller)),
      survey.keys,
    );
  }
}

/** The account whose resource a call is about. */
function ownerOf({ bucket, role, resources }: Survey, caller: Caller): string {
  return bucket?.account ?? role?.account ?? resources?.[0]?.account ?? caller.account;
}
