import type { ContextValue } from '@crossbucket/policy';
import type { Caller, WebIdentity } from '../../gate/caller.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Context, HandlersOf } from '../service.ts';
import { HOUR, describeSession, roleSession } from './assume-role.ts';
import { issue } from './issue.ts';
import { isSigned, parseJwt, type Jwt } from './jwt.ts';
import { readSessionPolicies } from './session-policies.ts';
import { readSessionTags } from './session-tags.ts';
import { readTokenTags } from './token-tags.ts';

export const webIdentityHandlers: HandlersOf<typeof import('@aws-sdk/client-sts')> = {
  AssumeRoleWithWebIdentity(input, call) {
    const role = call.survey.role!;
    const { provider, issuer, audience, subject, keys, tags, transitiveTags, sourceIdentity } =
      call.caller.webIdentity!;
    const session = {
      ...roleSession(role, input.RoleSessionName!),
      ...readSessionPolicies(input, role.account, call),
      ...readSessionTags({ Tags: tags, TransitiveTagKeys: transitiveTags }, undefined),
      ...(sourceIdentity !== undefined && { sourceIdentity }),
      federation: { ...keys, 'aws:FederatedProvider': provider },
    };
    return {
      ...issue(session, input.DurationSeconds ?? HOUR, call, input),
      AssumedRoleUser: describeSession(role, input.RoleSessionName!),
      SubjectFromWebIdentityToken: subject,
      Audience: audience,
      Provider: provider.startsWith('arn:') ? provider : issuer,
      ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
    };
  },
};

/** Providers that AWS has built in: a role trusts them by their address. */
const BUILT_IN = new Set(['accounts.google.com', 'cognito-identity.amazonaws.com']);

type Known = Pick<Context, 'store' | 'clock' | 'identityKeys'>;

/**
 * Verifies a token against its provider's keys, and says who calls with it.
 * @param account Account of the role, where the provider must be known.
 */
export async function verifyWebIdentity(
  token: string,
  account: string,
  known: Known,
): Promise<{ caller: Caller; context: Record<string, ContextValue> }> {
  const jwt = parseJwt(token);
  if (!jwt)
    throw invalid(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    );
  const { iss: issuer, sub: subject, exp: expires } = jwt.claims;
  if (typeof issuer !== 'string' || typeof subject !== 'string' || typeof expires !== 'number')
    throw invalid('Missing a required claim: iss, sub and exp');
  const address = issuer.replace(/^https:\/\//, '');
  const provider = requireProvider(issuer, address, account, known);
  const audience = requireAudience(jwt, provider);
  await requireSignature(jwt, address, known);
  requireTime(jwt, known.clock.now());
  const identity: WebIdentity = {
    provider: provider.arn,
    issuer,
    audience,
    subject,
    keys: keysOf(jwt, address, audience, subject),
    ...readTokenTags(jwt.claims),
  };
  const caller: Caller = {
    kind: 'web-identity',
    arn: provider.arn,
    account: '',
    userId: `${provider.arn}:${audience}:${subject}`,
    userName: subject,
    webIdentity: identity,
  };
  return { caller, context: contextOf(identity) };
}

interface Provider {
  arn: string;
  /** Without them, the trust policy alone says whose tokens count. */
  clientIds?: readonly string[];
}

function requireProvider(issuer: string, address: string, account: string, { store }: Known): Provider {
  const record = store.oidcProviders.get(`arn:aws:iam::${account}:oidc-provider/${address}`);
  if (record) return record;
  if (BUILT_IN.has(address)) return { arn: address };
  throw invalid(`No OpenIDConnect provider found in your account for ${issuer}`);
}

function requireAudience({ claims }: Jwt, { clientIds }: Provider): string {
  const audiences = [claims['aud']].flat().filter((audience) => typeof audience === 'string');
  const audience = clientIds ? audiences.find((one) => clientIds.includes(one)) : audiences[0];
  if (audience !== undefined) return audience;
  throw invalid('Incorrect token audience');
}

async function requireSignature(jwt: Jwt, address: string, { identityKeys }: Known): Promise<void> {
  try {
    if (isSigned(jwt, await identityKeys.keysOf(address))) return;
    // The provider may have changed its keys.
    if (isSigned(jwt, await identityKeys.keysOf(address, { fresh: true }))) return;
  } catch (cause) {
    throw new AwsError(
      'IDPCommunicationError',
      `The keys of the identity provider ${address} could not be read: ${(cause as Error).message}`,
      { cause },
    );
  }
  throw invalid('The signature of the token does not match any key of its identity provider.');
}

/** A token expires by the sandbox's clock. */
function requireTime({ claims }: Jwt, now: number): void {
  const { exp, nbf } = claims as { exp: number; nbf?: unknown };
  const seconds = Math.floor(now / 1000);
  if (exp <= seconds)
    throw new AwsError(
      'ExpiredTokenException',
      `Token expired: current date/time ${seconds} must be before the expiration date/time ${exp}`,
    );
  if (typeof nbf === 'number' && nbf > seconds)
    throw invalid(`Token is not valid before ${nbf}: the current date/time is ${seconds}`);
}

/** https://docs.github.com/actions/deployment/security-hardening-your-deployments/configuring-openid-connect-in-amazon-web-services */
function keysOf({ claims }: Jwt, address: string, audience: string, subject: string): WebIdentity['keys'] {
  const { amr } = claims;
  const methods = Array.isArray(amr) ? amr.filter((method) => typeof method === 'string') : [];
  return {
    [`${address}:aud`]: audience,
    [`${address}:sub`]: subject,
    ...(methods.length > 0 && { [`${address}:amr`]: methods }),
  };
}

function contextOf({
  keys,
  provider,
  tags,
  transitiveTags,
  sourceIdentity,
}: WebIdentity): Record<string, ContextValue> {
  return {
    ...keys,
    'aws:FederatedProvider': provider,
    ...(tags.length > 0 && { 'aws:TagKeys': tags.map(({ Key }) => Key) }),
    ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
    ...(transitiveTags.length > 0 && { 'sts:TransitiveTagKeys': transitiveTags }),
    ...(sourceIdentity !== undefined && { 'sts:SourceIdentity': sourceIdentity }),
  };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidIdentityToken', message);
}
