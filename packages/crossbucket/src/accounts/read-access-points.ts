import type { AccessPointSnapshot, PublicAccessBlock } from '@crossbucket/policy';
import type { DocumentTexts } from './documents.ts';
import { foundOr, isFound, type Readings } from './readings.ts';

const NONE = ['NoSuchAccessPoint', 'NoSuchAccessPointPolicy', 'NoSuchPublicAccessBlockConfiguration'];

/** Reads access points of an account, and the account's own Block Public Access. */
export class AccessPointReader {
  readonly #readings: Readings;
  readonly #texts: DocumentTexts;

  constructor(readings: Readings, texts: DocumentTexts) {
    this.#readings = readings;
    this.#texts = texts;
  }

  /** @param arn `arn:aws:s3:eu-west-1:222222222222:accesspoint/reports-ap` */
  async read(arn: string): Promise<AccessPointSnapshot | undefined> {
    const [, , , region = '', AccountId = ''] = arn.split(':');
    const Name = /accesspoint[/:]([^/:]+)/.exec(arn)?.[1];
    if (Name === undefined) return undefined;
    const control = await import('@aws-sdk/client-s3-control');
    const client = await this.#readings.connection.clients.s3control(region);
    const [point, policy] = await Promise.all([
      this.#readings.read({ what: `access-point ${arn}`, action: 's3:GetAccessPoint', absent: NONE }, () =>
        client.send(new control.GetAccessPointCommand({ AccountId, Name })),
      ),
      this.#readings.read(
        { what: `access-point-policy ${arn}`, action: 's3:GetAccessPointPolicy', absent: NONE },
        () => client.send(new control.GetAccessPointPolicyCommand({ AccountId, Name })),
      ),
    ]);
    if (!isFound(point) || point.Bucket === undefined) return undefined;
    const text = foundOr(policy, undefined)?.Policy;
    const settings = point.PublicAccessBlockConfiguration as PublicAccessBlock | undefined;
    return {
      arn,
      bucket: point.Bucket,
      ...(text !== undefined && {
        policy: {
          name: `policy of access point ${Name}`,
          document: this.#texts.parse(`access-point-policy ${arn}`, text),
        },
      }),
      ...(settings && { publicAccessBlock: settings }),
      ...(point.VpcConfiguration?.VpcId !== undefined && { vpc: point.VpcConfiguration.VpcId }),
    };
  }

  /** ARNs of the access points of a bucket, or of all buckets of the account in a region. */
  async list(region: string, bucket?: string): Promise<string[]> {
    const { ListAccessPointsCommand } = await import('@aws-sdk/client-s3-control');
    const { id: AccountId, clients } = this.#readings.connection;
    const client = await clients.s3control(region);
    const what = bucket === undefined ? `access-points ${region}` : `access-points ${bucket}`;
    const points = await this.#readings.readPages(
      { what, action: 's3:ListAccessPoints' },
      (NextToken) => client.send(new ListAccessPointsCommand({ AccountId, Bucket: bucket, NextToken })),
      ({ AccessPointList: items, NextToken: next }) => ({ items, next }),
    );
    return foundOr(points, []).flatMap(({ AccessPointArn }) => AccessPointArn ?? []);
  }

  /** ARN of the access point that an alias stands for, which is used as the name of a bucket. */
  async behind(alias: string, region: string): Promise<string | undefined> {
    const { ListAccessPointsCommand } = await import('@aws-sdk/client-s3-control');
    const { id: AccountId, clients } = this.#readings.connection;
    const client = await clients.s3control(region);
    const points = await this.#readings.readPages(
      { what: `access-points ${region}`, action: 's3:ListAccessPoints' },
      (NextToken) => client.send(new ListAccessPointsCommand({ AccountId, NextToken })),
      ({ AccessPointList: items, NextToken: next }) => ({ items, next }),
    );
    return foundOr(points, []).find(({ Alias }) => Alias === alias)?.AccessPointArn;
  }

  async accountSettings(): Promise<PublicAccessBlock | undefined> {
    const { GetPublicAccessBlockCommand } = await import('@aws-sdk/client-s3-control');
    const { id: AccountId, clients, region } = this.#readings.connection;
    const client = await clients.s3control(region);
    const answer = await this.#readings.read(
      { what: 'public-access-block', action: 's3:GetAccountPublicAccessBlock', absent: NONE },
      () => client.send(new GetPublicAccessBlockCommand({ AccountId })),
    );
    return foundOr(answer, undefined)?.PublicAccessBlockConfiguration as PublicAccessBlock | undefined;
  }
}
