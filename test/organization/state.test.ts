import { parseConfig, parseState, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { calls, outcomeOf } from './outcome.ts';
import { APP, CONFIG, DATA, setStage, type Stage } from './stage.ts';

let stage: Stage;
let text: string;
let again: Sandbox;

beforeAll(async () => {
  stage = await setStage();
  text = await stage.aws.exportState({ objects: true });
  again = await startSandbox({
    state: await parseState(text),
    config: await parseConfig(CONFIG, 'organization.yaml'),
  });
});
afterAll(async () => {
  await Promise.all([stage.aws.close(), again.close()]);
});

describe('a state that was exported', () => {
  test('is the same when a sandbox that began with it exports it', async () => {
    expect(await again.exportState({ objects: true })).toBe(text);
  });

  test('can be read: policies are objects, times are dates, tags are pairs', () => {
    expect(text).toMatch(/^state: 1\n/);
    expect(text).toContain(`    - name: reports-reader\n`);
    expect(text).toContain('Action: s3:GetObject');
    expect(text).toMatch(/created: "\d{4}-\d\d-\d\dT/);
  });

  test.each(calls)('decides as before: %s %s %j: %s, since %s', async (...row) => {
    const moved: Stage = {
      ...stage,
      aws: again,
      configuration: (credentials, endpoint = again.endpoint) => stage.configuration(credentials, endpoint),
    };
    expect(await outcomeOf(moved, row)).toBe(row[3]);
  });
});

describe('a state that is masked', () => {
  test('names no account and no secret, and can be imported', async () => {
    const masked = await stage.aws.exportState({ mask: true });
    const secrets = [...text.matchAll(/(?:secret|material|session): (\S+)/g)].map(([, secret]) => secret!);
    expect(secrets.length).toBeGreaterThan(5);
    for (const secret of [...secrets, '999999999999', stage.actors['reader']!.accessKeyId])
      expect(masked).not.toContain(secret);
    // In the order of the file: 111111111111, 222222222222, 333333333333, and 999999999999 is the fourth.
    expect(masked).toContain('id: "444444444444"');
    const aws = await startSandbox({ state: await parseState(masked) });
    expect(aws.accounts.map(({ id }) => id)).toEqual([APP, DATA, '333333333333', '444444444444']);
    expect(aws.account(APP).users['reader']!.secretAccessKey).toHaveLength(40);
    await aws.close();
  });
});
