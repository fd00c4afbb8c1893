import type { S3Client } from '@aws-sdk/client-s3';
import type { BucketTarget } from '../s3/bucket-connection.ts';
import { partSettings } from '../s3/sdk-calls.ts';
import { loadS3 } from '../s3/s3-client.ts';
import { buildTemplate, PLACEHOLDER, type Template } from './template.ts';

export type Kind = 'GetObject' | 'PutObject' | 'UploadPart' | 'ListObjectsV2';

type Built = Promise<Template | undefined>;

const NO_SETTINGS = {};

/** One template for each client, kind of request and settings. */
export class Templates {
  readonly #target: BucketTarget;
  readonly #known = new WeakMap<S3Client, WeakMap<object, Map<Kind, Built>>>();

  constructor(target: BucketTarget) {
    this.#target = target;
  }

  /** Settings are told apart by identity. Rejects with the SDK's own errors. */
  of(client: S3Client, kind: Kind, settings: object = NO_SETTINGS): Built {
    const ofClient = getOrMake(this.#known, client, () => new WeakMap<object, Map<Kind, Built>>());
    const kinds = getOrMake(ofClient, settings, () => new Map<Kind, Built>());
    const known = kinds.get(kind);
    if (known) return known;
    const built = this.#build(client, kind, settings);
    kinds.set(kind, built);
    // Credentials that could not be had may be had later.
    built.catch(() => kinds.delete(kind));
    return built;
  }

  async #build(client: S3Client, kind: Kind, settings: object): Built {
    const { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, UploadPartCommand } = await loadS3();
    const input = { ...settings, ...this.#target, Key: PLACEHOLDER };
    const Body = new Uint8Array();
    switch (kind) {
      case 'GetObject':
        return buildTemplate(client, new GetObjectCommand({ ...input, ChecksumMode: 'ENABLED' }));
      case 'PutObject':
        return buildTemplate(client, new PutObjectCommand({ ...input, Body }));
      case 'ListObjectsV2':
        // XML 1.0 has no way to write some characters that keys may hold.
        return buildTemplate(client, new ListObjectsV2Command({ ...this.#target, EncodingType: 'url' }));
      case 'UploadPart': {
        const part = { UploadId: PLACEHOLDER, PartNumber: 1, Body };
        return buildTemplate(
          client,
          new UploadPartCommand({ ...partSettings(settings), ...this.#target, Key: PLACEHOLDER, ...part }),
        );
      }
    }
  }
}

function getOrMake<K extends object, V>(map: WeakMap<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
