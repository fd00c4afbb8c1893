import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { assumeRoleError } from './assume-role-error.ts';
import type { Clock } from './clock.ts';
import { digest, environmentDigest, objectId } from './digest.ts';
import { openDiskCache } from './disk-cache.ts';
import { issueSession, type SessionRequest } from './issue-session.ts';
import { LiveSession } from './live-session.ts';
import type { PlannedLink, SessionPlan } from './session-plan.ts';
import { sessionSource, type Source } from './source.ts';
import type { StsSettings } from './sts-client.ts';

/** Every live session, one for each key: all that makes two sessions differ. */
export class SessionRegistry {
  readonly #sessions = new Map<string, LiveSession>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The session of a plan, shared with every other plan that asks for the same. Rejects with an `AccessError`. */
  async open({ links, source, settings, cache }: SessionPlan): Promise<LiveSession> {
    const disk = openDiskCache(cache);
    let key = digest([await identify(source, links[0]!), settingsKey(settings), disk?.directory ?? '']);
    let from = source;
    let session: LiveSession | undefined;
    for (const link of links) {
      key = digest([key, link.mfa?.serial, link.tokenFile, canonical(link.input)]);
      session = this.#share({ key, link, source: from, settings, disk });
      from = sessionSource(session);
    }
    return session!;
  }

  #share(request: SessionRequest): LiveSession {
    const { key, link } = request;
    const known = this.#sessions.get(key);
    if (known) return known;
    const made = new LiveSession({
      key,
      roleArn: link.input.RoleArn!,
      sessionName: link.input.RoleSessionName!,
      issue: (insteadOf) => issueSession(request, insteadOf, this.#clock),
      clock: this.#clock,
      forget: () => this.#sessions.delete(key),
    });
    this.#sessions.set(key, made);
    return made;
  }
}

async function identify(source: Source, { input }: PlannedLink): Promise<string> {
  try {
    return await source.identify();
  } catch (error) {
    throw assumeRoleError(error, input.RoleArn!);
  }
}

const settingsKey = ({ clientConfig, ...settings }: StsSettings): unknown[] => [
  environmentDigest(),
  objectId(clientConfig),
  Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1)),
];

const byKey = (a: { Key?: string }, b: { Key?: string }) => ((a.Key ?? '') < (b.Key ?? '') ? -1 : 1);

/** The same session whatever order its tags and policies were written in. */
function canonical(input: AssumeRoleCommandInput): unknown {
  return Object.entries({
    ...input,
    Tags: input.Tags?.toSorted(byKey),
    TransitiveTagKeys: input.TransitiveTagKeys?.toSorted(),
    PolicyArns: input.PolicyArns?.map(({ arn }) => arn).toSorted(),
  });
}
