import type { Scope } from '../sources/key-layout.ts';
import type { TrailVerification, VerifyClients } from './verify-trail.ts';

/** Checks every digest of the trails at `s3://BUCKET/PREFIX`, their chain, and the log files that they name. */
export async function verifyTrail(
  uri: string,
  clients: VerifyClients,
  scope: Scope = {},
): Promise<TrailVerification> {
  // The SDK is loaded for those who use it.
  const verify = await import('./verify-trail.ts');
  return verify.verifyTrail(uri, clients, scope);
}
