import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { S3Client } from '@aws-sdk/client-s3';
import type { Identity } from '../interop/clients.ts';

const COMMAND = resolve(import.meta.dirname, '../../packages/crossbucket/bin/crossbucket.js');

export interface Readiness {
  endpoint: string;
  configFile: string;
  credentialsFile: string;
  caFile?: string;
  accounts: { id: string; name: string; accessKeyId: string; secretAccessKey: string }[];
}

/** `crossbucket sandbox --json` in a process of its own, as a user runs it. */
export class ChildSandbox {
  readonly readiness: Readiness;
  readonly #process: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #err: string[];

  private constructor(
    child: ChildProcess,
    ended: Promise<number | null>,
    err: string[],
    readiness: Readiness,
  ) {
    this.#process = child;
    this.#ended = ended;
    this.#err = err;
    this.readiness = readiness;
  }

  /**
   * Starts it and waits until it is ready.
   * @param wrapper A command line to run it under.
   * @throws Error with what it wrote, if it ends instead.
   */
  static async start(args: readonly string[], wrapper: readonly string[] = []): Promise<ChildSandbox> {
    const [command, ...rest] = [...wrapper, process.execPath, COMMAND, 'sandbox', '--json', ...args];
    const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    const err: string[] = [];
    child.stderr.on('data', (bytes: Buffer) => err.push(bytes.toString()));
    const ended = once(child, 'close').then(([code]) => code as number | null);
    const line = once(createInterface(child.stdout), 'line').then(([text]) => text as string);
    const first = await Promise.race([line, ended.then((code) => new Ended(code, err.join('')))]);
    if (first instanceof Ended) throw first;
    return new ChildSandbox(child, ended, err, JSON.parse(first) as Readiness);
  }

  /** Everything that it has written to standard error. */
  get errors(): string {
    return this.#err.join('');
  }

  get pid(): number {
    return this.#process.pid!;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  rootOf(account: string): Identity {
    const { accessKeyId, secretAccessKey } = this.readiness.accounts.find(({ id }) => id === account)!;
    return { accessKeyId, secretAccessKey };
  }

  s3(account: string): S3Client {
    const { endpoint } = this.readiness;
    const credentials = this.rootOf(account);
    return new S3Client({ region: 'us-east-1', endpoint, credentials, forcePathStyle: true, maxAttempts: 1 });
  }

  /** Ends it without a word: what it had not finished stays unfinished. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  /** Asks it to stop; gives its exit code. */
  stop(signal: 'SIGINT' | 'SIGTERM' = 'SIGTERM'): Promise<number | null> {
    this.#process.kill(signal);
    return this.#ended;
  }
}

/** It ended before it was ready. */
export class Ended extends Error {
  readonly code: number | null;

  constructor(code: number | null, text: string) {
    super(text);
    this.code = code;
  }
}
