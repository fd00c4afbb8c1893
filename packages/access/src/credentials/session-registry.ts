import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { assumeRoleInput } from './assume-role-input.ts';
import type { Clock } from './clock.ts';
import { LiveSession, type Issued } from './live-session.ts';
import type { CrossAccountRoleOptions, RoleLink } from './role-options.ts';
import {
  configuredSource,
  digest,
  environmentDigest,
  identityDigest,
  sessionSource,
  type Source,
} from './source.ts';
import { callAssumeRole, type StsSettings } from './sts.ts';
import { assumeRoleError, rejectsCredentials } from './sts-failure.ts';

type Mfa = CrossAccountRoleOptions['mfa'];

/** A checked request for a session: the links of its chain, the last of which is the session itself. */
export interface SessionPlan {
  links: AssumeRoleCommandInput[];
  source: Source;
  settings: StsSettings;
  mfa: Mfa;
}

/** Checks the options, without any I/O. Throws an `AccessError`. */
export function planSession(options: CrossAccountRoleOptions): SessionPlan {
  const { chain = [], mfa, credentials, profile, region, endpoint, clientConfig } = options;
  const links = [
    ...chain.map((link): RoleLink => (typeof link === 'string' ? { roleArn: link } : link)),
    options,
  ];
  return {
    links: links.map((link, index) => assumeRoleInput(link, index > 0)),
    source: configuredSource(credentials, profile),
    settings: { profile, region, endpoint, clientConfig },
    mfa,
  };
}

/** Every live session, one for each key: all that makes two sessions differ. */
export class SessionRegistry {
  readonly #sessions = new Map<string, LiveSession>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The session of a plan, shared with every other plan that asks for the same. */
  async open({ links, source, settings, mfa }: SessionPlan): Promise<LiveSession> {
    let key = digest([
      await sourceDigest(source, links.at(-1)!.RoleArn!),
      environmentDigest(),
      settings.profile,
      settings.region,
      settings.endpoint,
      objectId(settings.clientConfig),
      mfa?.serial,
    ]);
    let session: LiveSession | undefined;
    let from = source;
    for (const [index, input] of links.entries()) {
      key = digest([key, canonical(input)]);
      session = this.#share(key, input, from, settings, index === 0 ? mfa : undefined);
      from = sessionSource(session);
    }
    return session!;
  }

  #share(
    key: string,
    input: AssumeRoleCommandInput,
    source: Source,
    settings: StsSettings,
    mfa: Mfa,
  ): LiveSession {
    const known = this.#sessions.get(key);
    if (known) return known;
    const made = new LiveSession(
      input.RoleArn!,
      () => issue(input, source, settings, mfa, this.#clock),
      this.#clock,
      () => this.#sessions.delete(key),
    );
    this.#sessions.set(key, made);
    return made;
  }
}

async function issue(
  input: AssumeRoleCommandInput,
  source: Source,
  settings: StsSettings,
  mfa: Mfa,
  clock: Clock,
): Promise<Issued> {
  try {
    const credentials = await source.credentials();
    const attempt = async (withCredentials: typeof credentials) => {
      const proof = mfa && { SerialNumber: mfa.serial, TokenCode: await mfa.code() };
      return callAssumeRole({ ...input, ...proof }, withCredentials, settings, clock);
    };
    try {
      return await attempt(credentials);
    } catch (error) {
      if (!rejectsCredentials(error)) throw error;
      const others = await source.credentials(credentials.accessKeyId);
      if (others.accessKeyId === credentials.accessKeyId) throw error;
      return await attempt(others);
    }
  } catch (error) {
    throw assumeRoleError(error, input.RoleArn!);
  }
}

async function sourceDigest(source: Source, roleArn: string): Promise<string> {
  try {
    return identityDigest(await source.credentials());
  } catch (error) {
    throw assumeRoleError(error, roleArn);
  }
}

const byKey = (a: { Key?: string }, b: { Key?: string }) => ((a.Key ?? '') < (b.Key ?? '') ? -1 : 1);

/** The same session whatever order tags were written in. */
function canonical(input: AssumeRoleCommandInput): unknown {
  return Object.entries({
    ...input,
    Tags: input.Tags?.toSorted(byKey),
    TransitiveTagKeys: input.TransitiveTagKeys?.toSorted(),
    PolicyArns: input.PolicyArns?.map(({ arn }) => arn).toSorted(),
  });
}

const objectIds = new WeakMap<object, number>();
let lastObjectId = 0;

function objectId(value: object | undefined): number {
  if (!value) return 0;
  const id = objectIds.get(value) ?? ++lastObjectId;
  objectIds.set(value, id);
  return id;
}
