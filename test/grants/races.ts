import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { APP, BUCKET, DATA, FOREIGN, type GrantStage } from './stage.ts';

const COMMAND = resolve(import.meta.dirname, '../../packages/crossbucket/bin/crossbucket.js');

export interface Round {
  exits: (number | null)[];
  /** Grants whose statement is not in the bucket policy when both have ended. */
  lost: string[];
  /** Whether somebody else's statement is still there. */
  foreign: boolean;
}

/** Two real processes, each with a grant of its own on one bucket, started at once, again and again. */
export async function race(stage: GrantStage, rounds: number): Promise<Round[]> {
  const results: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    // A bucket policy has room for some seventy such statements.
    if (round % 20 === 0) await stage.resetBucketPolicy();
    const names = ['left', 'right'].map((side) => `${side}-${round}`);
    const ended = await Promise.all(names.map((name) => apply(stage, name)));
    const failed = ended.find(({ code }) => code !== 0);
    const { Statement } = JSON.parse((await stage.bucketPolicy())!) as {
      Statement: { Sid: string; Resource: string | string[] }[];
    };
    const has = (name: string) =>
      Statement.some(({ Resource }) => [Resource].flat().some((arn) => arn.includes(`/${name}/`)));
    results.push({
      exits: ended.map(({ code }) => code),
      lost: names.filter((name) => !has(name)),
      foreign: Statement.some(({ Sid }) => Sid === FOREIGN.Sid),
    });
    if (failed) throw new Error(`round ${round}: ${failed.err}`);
  }
  return results;
}

async function apply(stage: GrantStage, name: string): Promise<{ code: number | null; err: string }> {
  const folder = join(stage.folder, name);
  mkdirSync(folder);
  const config = join(folder, 'crossbucket.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      accounts: { app: { id: APP, profile: 'app' }, data: { id: DATA, profile: 'data-owner' } },
      grants: [
        {
          name,
          bucket: `data/${BUCKET}`,
          to: 'app',
          access: { read: [`${name}/*`] },
          route: 'bucket-policy',
        },
      ],
    }),
  );
  const child = spawn(
    process.execPath,
    [COMMAND, 'grant', 'apply', '--config', config, '--yes', '--settle', '0.5'],
    {
      env: {
        ...process.env,
        AWS_CONFIG_FILE: stage.aws.profiles,
        AWS_SHARED_CREDENTIALS_FILE: stage.aws.credentialsFile,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const [err, [code]] = await Promise.all([
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, err };
}
