import { expect, vi } from 'vitest';
import { FaultProxy, type Fault, type SeenCall } from './fault-proxy.ts';
import { BUCKET, GrantStage } from './stage.ts';

/** One grant by each route on an encrypted bucket: an apply that writes a document of every kind. */
const GRANTS = [
  {
    name: 'by-role',
    bucket: `data/${BUCKET}`,
    to: 'app',
    principals: ['role/report-service'],
    access: { read: ['reports/*'], list: ['reports/*'] },
    role: { externalId: 'acme-7f3a' },
  },
  {
    name: 'by-policy',
    bucket: `data/${BUCKET}`,
    to: 'app',
    principals: ['role/report-service'],
    access: { write: ['in/*'] },
    route: 'bucket-policy',
  },
];

/** Spoils calls of applies, one in each, and shows that every one can be finished and undone. */
export class FaultCampaign {
  readonly stage: GrantStage;
  readonly proxy: FaultProxy;
  readonly #keys: string[];
  /** The calls of an apply that nothing disturbs. */
  calls: readonly SeenCall[] = [];
  #before = '';
  #after = '';

  private constructor(stage: GrantStage, proxy: FaultProxy, keys: string[]) {
    this.stage = stage;
    this.proxy = proxy;
    this.#keys = keys;
  }

  static async begin(): Promise<FaultCampaign> {
    const stage = await GrantStage.set();
    const proxy = await FaultProxy.before(stage.aws.endpoint);
    vi.stubEnv('AWS_CONFIG_FILE', proxy.profiles(stage.aws.profiles, stage.folder, stage.aws.endpoint));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', stage.aws.credentialsFile);
    // Each call is tried once, so that each fault is one that the SDK cannot mend.
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
    const campaign = new FaultCampaign(stage, proxy, [await stage.encrypt({ delegated: false })]);
    stage.configure(GRANTS);
    campaign.#before = await campaign.#accounts();
    proxy.arm();
    expect(await stage.grant('apply')).toMatchObject({ exit: 0, err: '' });
    campaign.calls = [...proxy.calls];
    campaign.#after = withoutIds(await campaign.#accounts());
    await campaign.#undo();
    return campaign;
  }

  /** The call of this number fails; apply again finishes. */
  async finishes(at: number, fault: Fault): Promise<void> {
    await this.#spoil(at, fault);
    expect(await this.stage.grant('apply'), `apply after ${this.#call(at)}`).toMatchObject({
      exit: 0,
      err: '',
    });
    expect(withoutIds(await this.#accounts())).toBe(this.#after);
    await this.#undo();
  }

  /** The call of this number fails; what was done is put back. */
  async rollsBack(at: number, fault: Fault): Promise<void> {
    const backup = await this.#spoil(at, fault);
    if (backup !== undefined)
      expect(
        await this.stage.grant('apply', '--rollback', backup),
        `rollback after ${this.#call(at)}`,
      ).toMatchObject({ exit: 0, err: '' });
    expect(await this.#accounts()).toBe(this.#before);
  }

  /** Gives the backup, where the apply came as far as one. */
  async #spoil(at: number, fault: Fault): Promise<string | undefined> {
    this.proxy.arm(at, fault);
    const { exit, err, out } = await this.stage.grant('apply', '--json');
    this.proxy.arm();
    const { backup, steps = [] } = (out === '' ? {} : JSON.parse(out)) as {
      backup?: string;
      steps?: { outcome: string }[];
    };
    if (exit === 0) return backup; // a fault that reading twice has mended
    const isBegun = steps.some(({ outcome }) => outcome === 'written');
    expect({ exit, err }, this.#call(at)).toEqual({
      exit: isBegun ? 4 : 3,
      err: expect.stringMatching(/error: account \d{12}/),
    });
    return backup;
  }

  async #undo(): Promise<void> {
    expect(await this.stage.grant('revoke', '--all')).toMatchObject({ exit: 0, err: '' });
    expect(await this.#accounts()).toBe(this.#before);
  }

  #accounts(): Promise<string> {
    return this.stage.accounts(this.#keys);
  }

  #call(at: number): string {
    return `call ${at}, ${this.calls[at]?.name}`;
  }

  async end(): Promise<void> {
    vi.unstubAllEnvs();
    await this.proxy.close();
    await this.stage.close();
  }
}

/** A role that is made again has another id and date. */
const withoutIds = (accounts: string): string =>
  accounts.replaceAll(/AROA[A-Z0-9]{8,}/g, 'AROA').replaceAll(/"CreateDate": "[^"]+"/g, '"CreateDate": ""');
