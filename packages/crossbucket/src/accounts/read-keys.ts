import type { GrantListEntry } from '@aws-sdk/client-kms';
import type { KeyGrant, KeySnapshot } from '@crossbucket/policy';
import type { DocumentTexts } from './documents.ts';
import { foundOr, isFound, type Readings } from './readings.ts';

const ABSENT = { absent: ['NotFoundException'] };

/** Reads KMS keys of an account, by ARN, id, or alias. */
export class KeyReader {
  readonly #readings: Readings;
  readonly #texts: DocumentTexts;

  constructor(readings: Readings, texts: DocumentTexts) {
    this.#readings = readings;
    this.#texts = texts;
  }

  /** @param region Where an id or alias without one is looked up. */
  async read(key: string, region: string): Promise<KeySnapshot | undefined> {
    const kms = await import('@aws-sdk/client-kms');
    const { clients } = this.#readings.connection;
    const client = await clients.kms(/^arn:[^:]+:kms:([^:]+):/.exec(key)?.[1] ?? region);
    const described = await this.#readings.read(
      { what: `key ${key}`, action: 'kms:DescribeKey', ...ABSENT },
      () => client.send(new kms.DescribeKeyCommand({ KeyId: key })),
    );
    const metadata = foundOr(described, undefined)?.KeyMetadata;
    const arn = metadata?.Arn ?? (/:key\//.test(key) ? key : undefined);
    if (arn === undefined) return undefined;
    const [policy, grants, aliases] = await Promise.all([
      this.#readings.read({ what: `key-policy ${arn}`, action: 'kms:GetKeyPolicy', ...ABSENT }, () =>
        client.send(new kms.GetKeyPolicyCommand({ KeyId: arn, PolicyName: 'default' })),
      ),
      this.#readings.readPages(
        { what: `key-grants ${arn}`, action: 'kms:ListGrants', ...ABSENT },
        (Marker) => client.send(new kms.ListGrantsCommand({ KeyId: arn, Marker })),
        ({ Grants: items, NextMarker: next }) => ({ items, next }),
      ),
      this.#readings.readPages(
        { what: `aliases ${arn}`, action: 'kms:ListAliases', ...ABSENT },
        (Marker) => client.send(new kms.ListAliasesCommand({ KeyId: arn, Marker })),
        ({ Aliases: items, NextMarker: next }) => ({ items, next }),
      ),
    ]);
    if (metadata === undefined && !isFound(policy)) return undefined;
    const text = foundOr(policy, undefined)?.Policy;
    const document =
      text === undefined
        ? { Version: '2012-10-17', Statement: [] }
        : this.#texts.parse(`key-policy ${arn}`, text);
    const granted = foundOr(grants, []).flatMap(grantOf);
    return {
      arn,
      policy: { name: `key policy of ${arn.split('/').at(-1)!}`, document },
      aliases: foundOr(aliases, []).flatMap(({ AliasName }) => AliasName ?? []),
      ...(granted.length > 0 && { grants: granted }),
      ...(metadata?.KeyManager && { managedBy: metadata.KeyManager }),
      ...(metadata?.KeyState && { state: STATES[metadata.KeyState] ?? 'Disabled' }),
    };
  }
}

/** Those to services of AWS are of no use to a caller. */
function grantOf({
  GrantId: id = '',
  GranteePrincipal: grantee,
  Operations = [],
  Constraints,
}: GrantListEntry): KeyGrant[] {
  if (grantee === undefined) return [];
  const { EncryptionContextEquals: contextEquals, EncryptionContextSubset: contextSubset } =
    Constraints ?? {};
  return [
    {
      id,
      grantee,
      operations: [...Operations],
      ...(contextEquals && { contextEquals }),
      ...(contextSubset && { contextSubset }),
    },
  ];
}

/** A key in any other state serves nobody. https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
const STATES: Partial<Record<string, KeySnapshot['state']>> = {
  Enabled: 'Enabled',
  Disabled: 'Disabled',
  PendingDeletion: 'PendingDeletion',
  PendingReplicaDeletion: 'PendingDeletion',
};
