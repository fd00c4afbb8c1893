import { assumeRoleError } from './assume-role-error.ts';
import { callSts } from './call-sts.ts';
import type { Clock } from './clock.ts';
import type { DiskCache } from './disk-cache.ts';
import type { Issued } from './live-session.ts';
import type { PlannedLink } from './session-plan.ts';
import type { Source } from './source.ts';
import type { StsSettings } from './sts-client.ts';
import { rejectsCredentials } from './sts-failure.ts';

export interface SessionRequest {
  key: string;
  link: PlannedLink;
  source: Source;
  settings: StsSettings;
  disk: DiskCache | undefined;
}

/** A session from the disk or from STS, other than the one with this access key id. Rejects with an `AccessError`. */
export async function issueSession(
  request: SessionRequest,
  insteadOf: string | undefined,
  clock: Clock,
): Promise<Issued> {
  const { key, disk } = request;
  const kept = await disk?.load(key, clock.now());
  if (kept && kept.credentials.accessKeyId !== insteadOf) return kept;
  try {
    const issued = await askSts(request, clock);
    await disk?.save(key, issued);
    return issued;
  } catch (error) {
    const { RoleArn, ExternalId: externalId } = request.link.input;
    throw assumeRoleError(error, RoleArn!, { profile: request.settings.profile, externalId });
  }
}

/** Source credentials that STS rejects are fetched anew, once. */
async function askSts({ link, source, settings }: SessionRequest, clock: Clock): Promise<Issued> {
  const credentials = await source.credentials();
  try {
    const issued = await callSts(link, credentials, settings, clock);
    source.accepted?.(credentials.accessKeyId);
    return issued;
  } catch (error) {
    if (!rejectsCredentials(error)) throw error;
    const others = await source.credentials(credentials.accessKeyId);
    if (others.accessKeyId === credentials.accessKeyId) throw error;
    return callSts(link, others, settings, clock);
  }
}
