import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { IAMClient } from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import { startSandbox, SandboxClock, type Sandbox } from '@crossbucket/sandbox';
import { APP, BUCKET, DATA, OUTSIDER, USER } from './documents.ts';

type Identity = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/** The sandbox with its three accounts, and clients for whoever acts in the demo. */
export class Stage {
  readonly sandbox: Sandbox;
  readonly clock: SandboxClock;

  private constructor(sandbox: Sandbox, clock: SandboxClock) {
    this.sandbox = sandbox;
    this.clock = clock;
  }

  static async set(): Promise<Stage> {
    const clock = new SandboxClock();
    const sandbox = await startSandbox({
      clock,
      accounts: [
        { id: APP, name: 'app', users: [{ name: USER }] },
        { id: DATA, name: 'data' },
        { id: OUTSIDER, name: 'outsider', users: [{ name: 'stranger' }] },
      ],
    });
    const stage = new Stage(sandbox, clock);
    await stage.s3(stage.owner).send(new CreateBucketCommand({ Bucket: BUCKET }));
    return stage;
  }

  /** The destination's account root, who owns the bucket. */
  get owner(): Identity {
    return this.sandbox.account(DATA).root;
  }

  /** The source's user. */
  get service(): Identity {
    return this.sandbox.account(APP).users[USER]!;
  }

  /** A user of an account that nobody gave anything. */
  get stranger(): Identity {
    return this.sandbox.account(OUTSIDER).users['stranger']!;
  }

  configuration(credentials: Identity) {
    return { region: 'us-east-1', endpoint: this.sandbox.endpoint, credentials };
  }

  s3(credentials: Identity): S3Client {
    return new S3Client(this.configuration(credentials));
  }

  iam(account: string): IAMClient {
    return new IAMClient(this.configuration(this.sandbox.account(account).root));
  }

  sts(credentials: Identity): STSClient {
    return new STSClient(this.configuration(credentials));
  }

  /** Keys under a prefix, by `ListObjectsV2`. */
  async list(client: S3Client, prefix: string): Promise<string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix, ContinuationToken: token }),
      );
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key!));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return keys;
  }
}
