import { applyEdit } from '../../packages/crossbucket/src/explain/core/edit.ts';
import type { Situation } from '../../packages/crossbucket/src/explain/core/situation.ts';
import { explainSituation } from '../../packages/crossbucket/src/explain/explain-situation.ts';
import { deploy } from './deploy.ts';
import { makeCall } from './make-call.ts';
import type { Case } from './pairs.ts';
import { situationOf, workingSetup, type Setup } from './setup.ts';
import type { Stage } from './stage.ts';
import { widened } from './widening.ts';

/** Breaks a running setup, one case after the other. */
export class Breaker {
  readonly #stage: Stage;
  #standing: Setup;

  readonly #isTried: (probe: number) => boolean;

  /** @param isTried Which of the calls that no fix must allow are tried. Default: all. */
  constructor(
    stage: Stage,
    isTried: (probe: number) => boolean = () => true,
    standing = workingSetup('bucket-policy', stage),
  ) {
    this.#stage = stage;
    this.#isTried = isTried;
    this.#standing = standing;
  }

  async stand(setup: Setup): Promise<void> {
    await deploy(this.#stage, this.#standing, setup);
    this.#standing = setup;
  }

  /** Makes the calls of a setup with the real SDK. */
  async call(setup: Setup, situation = situationOf(setup)): Promise<Error | undefined> {
    await this.stand({ ...setup, world: situation.world });
    return makeCall(this.#stage, setup, situation);
  }

  /** Tries a case for real. Gives what is wrong with the answer, or nothing. */
  async findFault({ broken, original, apart, ways }: Case): Promise<string | undefined> {
    const situation = situationOf(broken);
    await this.stand(original);
    const denied = await this.call(broken);
    if (denied === undefined) return 'the broken call succeeds';
    const { causes } = explainSituation(situation);
    const injected = ways.map(({ cause }) => cause);
    const codes = causes.map(({ code }) => code);
    if (!injected.includes(codes[0]!) || !injected.every((code) => codes.includes(code)))
      return `the causes are ${codes.join(', ')}`;
    const before = [{ ...original, call: broken.call }, broken, ...apart].map(situationOf);
    for (const { summary, edit } of causes.flatMap(({ fixes, hidden }) => (hidden ? [] : fixes))) {
      const more = edit === undefined ? [] : widened(before, applyEdit(situation, edit), this.#isTried);
      if (more.length > 0) return `\`${summary}\` widens: ${more[0]}`;
    }
    if (ways.some(({ unfixable, onPaper }) => unfixable === true || onPaper === true)) return undefined;
    const mended = mend(situation, ways.length + 2);
    if (mended === undefined) return 'no fix mends it';
    const failure = await this.call(broken, mended);
    return failure && `mended, the call fails: ${failure.name} ${failure.message}`;
  }
}

/** The first fix of the first cause, again and again. */
export function mend(situation: Situation, most: number): Situation | undefined {
  let now = situation;
  for (let round = 0; round <= most; round++) {
    const { outcome, causes } = explainSituation(now);
    if (outcome === 'allow') return now;
    const edit = causes[0]?.fixes.find((fix) => fix.edit !== undefined)?.edit;
    if (edit === undefined) return undefined;
    now = applyEdit(now, edit);
  }
  return undefined;
}
