import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { emptyHome } from '../testing/empty-home.ts';
import { manualClock, type ManualClock } from '../testing/manual-clock.ts';
import { startSts, type StsServer } from '../testing/sts-server.ts';
import { providerFrom } from './from-cross-account-role.ts';
import type { CrossAccountRoleOptions } from './role-options.ts';
import { SessionRegistry } from './session-registry.ts';

const roleArn = 'arn:aws:iam::222222222222:role/reader';
const hub = 'arn:aws:iam::333333333333:role/hub';
const source = { accessKeyId: 'AKIASOURCE', secretAccessKey: 'source-secret' };

let home: string;
let sts: StsServer;
let clock: ManualClock;
let sessions: SessionRegistry;

beforeEach(async () => {
  home = emptyHome();
  sts = await startSts();
  clock = manualClock();
  sts.now = clock.now;
  sessions = new SessionRegistry(clock);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await sts.close();
});

const provider = (options: Partial<CrossAccountRoleOptions> = {}) =>
  providerFrom(sessions, { roleArn, ...options });
const atSts = () => ({ endpoint: sts.url, region: 'eu-west-1' });
const staticProfile = (id: string) => `aws_access_key_id = ${id}\naws_secret_access_key = secret\n`;

describe('the SDK configuration', () => {
  test('credentials, region and endpoint come from the environment', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENV');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_REGION', 'eu-west-3');
    vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.url);
    const get = provider();
    await get();
    expect(sts.calls[0]!.signer).toBe('AKIAENV');
    expect(get.describe().region).toBe('eu-west-3');
  });

  test('a profile brings its own credentials, region and endpoint_url', async () => {
    emptyHome({
      config: `[profile app]\nregion = eu-central-1\nendpoint_url = ${sts.url}\n`,
      credentials: `[app]\n${staticProfile('AKIAAPP')}`,
    });
    const get = provider({ profile: 'app' });
    await get();
    expect(sts.calls[0]!.signer).toBe('AKIAAPP');
    expect(get.describe().region).toBe('eu-central-1');
  });

  test('a services section of a profile names the endpoint of sts', async () => {
    emptyHome({
      config: `[profile app]\nregion = eu-west-1\nservices = local\n[services local]\nsts =\n  endpoint_url = ${sts.url}\n`,
      credentials: `[app]\n${staticProfile('AKIAAPP')}`,
    });
    await provider({ profile: 'app' })();
    expect(sts.calls).toHaveLength(1);
  });

  test('AWS_PROFILE works as the option does', async () => {
    emptyHome({
      config: `[profile app]\nendpoint_url = ${sts.url}\nregion = eu-west-1\n`,
      credentials: `[app]\n${staticProfile('AKIAAPP')}`,
    });
    vi.stubEnv('AWS_PROFILE', 'app');
    await provider()();
    expect(sts.calls[0]!.signer).toBe('AKIAAPP');
  });

  test('without a region anywhere, the partition has one', async () => {
    const get = provider({
      credentials: source,
      endpoint: sts.url,
      roleArn: 'arn:aws-cn:iam::222222222222:role/x',
    });
    await get();
    expect(get.describe().region).toBe('cn-north-1');
  });

  test('another environment is another identity', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAONE');
    await provider(atSts())();
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATWO');
    await provider(atSts())();
    expect(sts.calls.map(({ signer }) => signer)).toEqual(['AKIAONE', 'AKIATWO']);
  });

  test('no source credentials at all is an error that says so', async () => {
    await expect(provider(atSts())()).rejects.toMatchObject({
      code: 'source-credentials',
      message: expect.stringContaining(`there are no source credentials to assume \`${roleArn}\``),
      help: expect.stringContaining('AWS_PROFILE'),
    });
  });
});

describe('a provider as the source', () => {
  test('is asked for others, once, when sts rejects what it gave', async () => {
    let issued = 0;
    const rotating = async () => ({ accessKeyId: `AKIA${++issued}`, secretAccessKey: 's' });
    sts.answer = ({ signer }) =>
      signer === 'AKIA3' ? { seconds: 3600 } : { status: 403, code: 'InvalidClientTokenId', message: 'bad' };
    await expect(provider({ ...atSts(), credentials: rotating })()).resolves.toBeDefined();
    expect(sts.calls.map(({ signer }) => signer)).toEqual(['AKIA2', 'AKIA3']);
  });

  test('that has nothing better leaves one clear error', async () => {
    sts.answer = () => ({ status: 403, code: 'ExpiredToken', message: 'The security token is expired' });
    await expect(provider({ ...atSts(), credentials: async () => source })()).rejects.toMatchObject({
      code: 'source-credentials',
      cause: { name: 'ExpiredToken' },
    });
    expect(sts.calls).toHaveLength(1);
  });

  test('may be another cross-account role: the session of it is shared', async () => {
    const first = () => provider({ ...atSts(), roleArn: hub, credentials: source });
    await Promise.all([
      provider({ ...atSts(), credentials: first() })(),
      provider({ ...atSts(), credentials: first() })(),
    ]);
    expect(sts.calls.map(({ params }) => params.get('RoleArn'))).toEqual([hub, roleArn]);
  });
});

describe('chains', () => {
  test('each link is assumed with the one before it, and cached', async () => {
    const other = 'arn:aws:iam::222222222222:role/writer';
    const options = { ...atSts(), credentials: source, chain: [{ roleArn: hub, externalId: 'to-hub' }] };
    await Promise.all([provider(options)(), provider({ ...options, roleArn: other })()]);
    expect(
      sts.calls.map(({ params, signer }) => [params.get('RoleArn'), params.get('ExternalId'), signer]),
    ).toEqual([
      [hub, 'to-hub', 'AKIASOURCE'],
      [roleArn, null, 'ASIA0000000000000001'],
      [other, null, 'ASIA0000000000000001'],
    ]);
  });

  test('a link that sts finds expired is assumed again', async () => {
    const options = { ...atSts(), credentials: source, chain: [hub] };
    let expired = true;
    sts.answer = ({ params }) => {
      const reject = params.get('RoleArn') === roleArn && expired;
      if (reject) expired = false;
      return reject ? { status: 400, code: 'ExpiredToken', message: 'expired' } : { seconds: 3600 };
    };
    await provider(options)();
    expect(sts.calls.map(({ params }) => params.get('RoleArn'))).toEqual([hub, roleArn, hub, roleArn]);
  });

  test('a refused link is named', async () => {
    sts.answer = () => ({ status: 403, code: 'AccessDenied', message: 'no' });
    await expect(provider({ ...atSts(), credentials: source, chain: [hub] })()).rejects.toMatchObject({
      roleArn: hub,
    });
  });

  test('the cap on chains that only sts can know is explained', async () => {
    const message =
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining';
    sts.answer = () => ({ status: 400, code: 'ValidationError', message });
    await expect(provider({ ...atSts(), credentials: source, duration: '2h' })()).rejects.toMatchObject({
      code: 'session-duration',
      message: expect.stringContaining('the caller is a role session itself'),
    });
  });
});

describe('web identity', () => {
  test('the token file is read again for each session', async () => {
    const tokenFile = join(home, 'token');
    writeFileSync(tokenFile, 'first\n');
    const get = provider({ ...atSts(), webIdentity: { tokenFile } });
    await get();
    writeFileSync(tokenFile, 'second\n');
    clock.advance(3_600_000);
    await get();
    expect(sts.calls.map(({ action, params }) => [action, params.get('WebIdentityToken')])).toEqual([
      ['AssumeRoleWithWebIdentity', 'first'],
      ['AssumeRoleWithWebIdentity', 'second'],
    ]);
  });

  test('a role of its own is assumed with the token, and the other from there', async () => {
    const tokenFile = join(home, 'token');
    writeFileSync(tokenFile, 'jwt');
    await provider({ ...atSts(), webIdentity: { tokenFile, roleArn: hub }, externalId: 'ext' })();
    expect(sts.calls.map(({ action, params }) => [action, params.get('RoleArn')])).toEqual([
      ['AssumeRoleWithWebIdentity', hub],
      ['AssumeRole', roleArn],
    ]);
  });

  test('a missing token file is an error that names it', async () => {
    const tokenFile = join(home, 'nowhere');
    await expect(provider({ ...atSts(), webIdentity: { tokenFile } })()).rejects.toThrow(tokenFile);
  });
});

describe('MFA', () => {
  const serial = 'arn:aws:iam::111111111111:mfa/ada';

  test('the code is asked for once each session', async () => {
    const code = vi.fn(async () => '123456');
    const get = provider({ ...atSts(), credentials: source, mfa: { serial, code } });
    await Promise.all([get(), get(), get()]);
    expect(code).toHaveBeenCalledTimes(1);
    expect(sts.calls[0]!.params.get('TokenCode')).toBe('123456');
  });

  test('who gives no code is not asked again at once', async () => {
    const code = vi.fn(async () => {
      throw new Error('cancelled');
    });
    const get = provider({ ...atSts(), credentials: source, mfa: { serial, code } });
    for (let i = 0; i < 3; i++)
      await expect(get()).rejects.toMatchObject({
        code: 'mfa-code',
        message: expect.stringContaining('cancelled'),
      });
    expect(code).toHaveBeenCalledTimes(1);
    expect(sts.calls).toHaveLength(0);
  });

  test('a wrong code is explained', async () => {
    const message = 'MultiFactorAuthentication failed with invalid MFA one time pass code.';
    sts.answer = () => ({ status: 403, code: 'AccessDenied', message });
    const get = provider({ ...atSts(), credentials: source, mfa: { serial, code: () => '000000' } });
    await expect(get()).rejects.toMatchObject({ code: 'mfa-code' });
  });
});

type Request = Parameters<STSClient['config']['requestHandler']['handle']>[0];

/** Leads the hosts of AWS to the test's server, but for those that are down. */
function hosts(down: string[]): STSClientConfig & { asked: string[] } {
  const { requestHandler } = new STSClient({ region: 'eu-west-1' }).config;
  const asked: string[] = [];
  const { port } = new URL(sts.url);
  return {
    asked,
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: Request, options: object) => {
        asked.push(request.hostname);
        if (down.includes(request.hostname))
          throw Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' });
        Object.assign(request, { protocol: 'http:', hostname: '127.0.0.1', port: Number(port) });
        return requestHandler.handle(request, options);
      },
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
    },
  };
}
const at = (region: string, clientConfig: STSClientConfig, options: Partial<CrossAccountRoleOptions> = {}) =>
  provider({ credentials: source, region, clientConfig, ...options });

describe('regions', () => {
  test('the regional endpoint is asked, and a second region when it cannot be reached', async () => {
    const clientConfig = hosts(['sts.eu-west-1.amazonaws.com']);
    const get = at('eu-west-1', clientConfig);
    await get();
    expect(clientConfig.asked).toEqual(['sts.eu-west-1.amazonaws.com', 'sts.us-east-1.amazonaws.com']);
    expect(get.describe().region).toBe('us-east-1');
  });

  test('the second region is the one that was wished for', async () => {
    const clientConfig = hosts(['sts.eu-west-1.amazonaws.com']);
    await at('eu-west-1', clientConfig, { fallbackRegion: 'eu-central-1' })();
    expect(clientConfig.asked[1]).toBe('sts.eu-central-1.amazonaws.com');
  });

  test('none is asked when none is wanted, or when the endpoint was chosen', async () => {
    const clientConfig = hosts(['sts.eu-west-1.amazonaws.com', 'sts.local']);
    await expect(at('eu-west-1', clientConfig, { fallbackRegion: false })()).rejects.toThrow(
      'cannot be reached',
    );
    await expect(at('eu-west-1', clientConfig, { endpoint: 'http://sts.local' })()).rejects.toThrow(
      'cannot be reached',
    );
    expect(clientConfig.asked).toEqual(['sts.eu-west-1.amazonaws.com', 'sts.local']);
  });

  test('a refusal is not a reason to ask elsewhere', async () => {
    const clientConfig = hosts([]);
    sts.answer = () => ({ status: 403, code: 'RegionDisabledException', message: 'off' });
    await expect(at('eu-west-1', clientConfig)()).rejects.toMatchObject({ code: 'sts-region-disabled' });
    expect(clientConfig.asked).toHaveLength(1);
  });
});
