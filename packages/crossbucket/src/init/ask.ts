import type * as Prompts from '@clack/prompts';
import type { AccountReader } from '../accounts/index.ts';

/** What was given by flags; the rest is asked for, or is missing. */
export interface GivenAnswers {
  sourceProfile?: string;
  destinationProfile?: string;
  bucket?: string;
  principals?: string[];
  read?: string[];
  write?: string[];
  delete?: string[];
  list?: string[];
  route?: 'role' | 'bucket-policy';
  name?: string;
}

/** Somebody pressed Ctrl-C. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** Questions, one after the other, each with what was found to choose from. */
export class Questions {
  readonly #prompts: typeof Prompts;

  private constructor(prompts: typeof Prompts) {
    this.#prompts = prompts;
  }

  static async open(): Promise<Questions> {
    return new Questions(await import('@clack/prompts'));
  }

  profile(message: string, profiles: readonly string[]): Promise<string> {
    if (profiles.length === 0) return this.#text(message, 'default');
    return this.#choice(message, profiles);
  }

  async bucket(reader: AccountReader): Promise<string> {
    const names = await reader.bucketNames();
    if (names === undefined || names.length === 0) return this.#text('Which bucket?', 'acme-reports');
    return this.#choice('Which bucket?', names);
  }

  async principals(account: string): Promise<string[]> {
    const given = await this.#text(
      `Who in account ${account}? Roles and users, with a space between`,
      'role/my-service',
      true,
    );
    return given.split(/[\s,]+/).filter(Boolean);
  }

  async access(): Promise<Pick<GivenAnswers, 'read' | 'write' | 'delete' | 'list'>> {
    const levels = this.#kept(
      await this.#prompts.multiselect({
        message: 'What may they do?',
        options: (['read', 'list', 'write', 'delete'] as const).map((value) => ({ value, label: value })),
        initialValues: ['read', 'list'],
        required: true,
      }),
    );
    const prefix = await this.#text('Under which prefix?', 'reports/*');
    return Object.fromEntries(levels.map((level) => [level, [prefix]]));
  }

  route(): Promise<'role' | 'bucket-policy'> {
    return this.#choice('By which route?', ['role', 'bucket-policy']) as Promise<'role' | 'bucket-policy'>;
  }

  name(suggestion: string): Promise<string> {
    return this.#text('What is the grant called?', suggestion);
  }

  async #choice(message: string, values: readonly string[]): Promise<string> {
    return this.#kept(
      await this.#prompts.select({
        message,
        options: values.map((value) => ({ value, label: value })),
        maxItems: 12,
      }),
    );
  }

  async #text(message: string, suggestion: string, mayBeEmpty = false): Promise<string> {
    const given = this.#kept(
      await this.#prompts.text({
        message,
        placeholder: suggestion,
        ...(!mayBeEmpty && { defaultValue: suggestion }),
      }),
    );
    return given.trim();
  }

  #kept<T>(answer: T): Exclude<T, symbol> {
    if (this.#prompts.isCancel(answer)) throw new Cancelled('nothing was written');
    return answer as Exclude<T, symbol>;
  }
}
