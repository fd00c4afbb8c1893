import { randomBytes } from 'node:crypto';
import type { GrantListEntry, GrantOperation } from '@aws-sdk/client-kms';
import type { GrantRecord, KeyRecord } from '../../store/records.ts';
import { grantsNow, idsOfNames } from '../../store/principal-ids.ts';
import { AwsError } from '../../wire/errors.ts';
import { findUnknownPrincipal } from '../principals.ts';
import type { Call, HandlersOf } from '../service.ts';
import { succeedDry } from './dry-run.ts';
import { isThere } from './find-key.ts';
import { requireEnabled, unsupported, validation } from './errors.ts';
import { pageOf } from './pages.ts';
import { grantNotFound } from './survey.ts';

/** What a grant of a symmetric key can allow. https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html */
const OPERATIONS: ReadonlySet<string> = new Set([
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
  'CreateGrant',
  'RetireGrant',
  'DescribeKey',
]);

export const grantHandlers: HandlersOf<typeof import('@aws-sdk/client-kms')> = {
  CreateGrant(input, call) {
    const key = call.survey.keys![0]!;
    requireEnabled(key);
    if (input.GranteeServicePrincipal !== undefined || input.RetiringServicePrincipal !== undefined)
      throw unsupported('The sandbox grants nothing to services of AWS.');
    if (input.Constraints?.SourceArn !== undefined)
      throw unsupported('The sandbox makes no grants that are constrained to a source.');
    const grant: GrantRecord = {
      id: randomBytes(32).toString('hex'),
      token: randomBytes(48).toString('base64'),
      created: call.clock.now(),
      ...(input.Name !== undefined && { name: input.Name }),
      grantee: requirePrincipal(input.GranteePrincipal, 'GranteePrincipal', call),
      ...(input.RetiringPrincipal !== undefined && {
        retiring: requirePrincipal(input.RetiringPrincipal, 'RetiringPrincipal', call),
      }),
      issuer: call.caller.account,
      operations: requireOperations(input.Operations ?? []),
      ...(input.Constraints?.EncryptionContextSubset && {
        contextSubset: input.Constraints.EncryptionContextSubset,
      }),
      ...(input.Constraints?.EncryptionContextEquals && {
        contextEquals: input.Constraints.EncryptionContextEquals,
      }),
    };
    const { grantee, retiring } = grant;
    const principals = idsOfNames(retiring === undefined ? [grantee] : [grantee, retiring], call.store);
    if (principals) grant.principals = principals;
    if (grant.contextSubset && grant.contextEquals)
      throw validation('A grant has one constraint on encryption contexts.');
    succeedDry(input);
    const same = key.grants.find((one) => isRepeated(one, grant));
    if (same) return { GrantToken: same.token, GrantId: same.id };
    call.store.keys.set(key.arn, { ...key, grants: [...key.grants, grant] });
    return { GrantToken: grant.token, GrantId: grant.id };
  },

  ListGrants(input, call) {
    const key = call.survey.keys![0]!;
    const grants = grantsNow(key.grants, call.store).filter(
      ({ id, grantee }) =>
        (input.GrantId === undefined || input.GrantId === id) &&
        (input.GranteePrincipal === undefined || input.GranteePrincipal === grantee),
    );
    if (input.GrantId !== undefined && grants.length === 0) throw grantNotFound(input.GrantId, key.arn);
    const { page, ...rest } = pageOf(grants, input, 50, 100);
    return { ...rest, Grants: page.map((grant) => describe(grant, key)) };
  },

  ListRetirableGrants(input, call) {
    const retiring = input.RetiringPrincipal;
    if (retiring === undefined) throw validation('RetiringPrincipal is required.');
    const found = [...call.store.keys.values()]
      .filter((key) => key.region === call.region && isThere(key, call.clock.now()))
      .flatMap((key) =>
        grantsNow(key.grants, call.store)
          .filter((grant) => grant.retiring === retiring)
          .map((grant) => ({ grant, key })),
      );
    const { page, ...rest } = pageOf(found, input, 50, 100);
    return { ...rest, Grants: page.map(({ grant, key }) => describe(grant, key)) };
  },

  RevokeGrant(input, call) {
    const key = call.survey.keys![0]!;
    if (!key.grants.some(({ id }) => id === input.GrantId)) throw grantNotFound(input.GrantId!, key.arn);
    succeedDry(input);
    remove(key, input.GrantId!, call);
    return {};
  },

  RetireGrant(input, call) {
    succeedDry(input);
    remove(call.survey.keys![0]!, call.survey.grant!.id, call);
    return {};
  },
};

function remove(key: KeyRecord, id: string, call: Call): void {
  call.store.keys.set(key.arn, { ...key, grants: key.grants.filter((grant) => grant.id !== id) });
}

/** A grant with a name that was made before, with the same parameters, is not made again. */
function isRepeated(one: GrantRecord, other: GrantRecord): boolean {
  const parameters = (grant: GrantRecord) => JSON.stringify({ ...grant, id: '', token: '', created: 0 });
  return other.name !== undefined && parameters(one) === parameters(other);
}

function requirePrincipal(arn: string | undefined, member: string, call: Call): string {
  if (arn === undefined) throw validation(`${member} is required.`);
  if (!arn.startsWith('arn:aws:') || findUnknownPrincipal([arn], call) !== undefined)
    throw new AwsError('InvalidArnException', `ARN does not refer to a valid principal: ${arn}`);
  return arn;
}

function requireOperations(operations: readonly string[]): string[] {
  const unknown = operations.find((operation) => !OPERATIONS.has(operation));
  if (operations.length > 0 && unknown === undefined) return [...new Set(operations)];
  throw validation(
    unknown === undefined
      ? 'A grant allows at least one operation.'
      : `A grant on a symmetric key cannot allow ${unknown}.`,
  );
}

function describe(grant: GrantRecord, { arn }: KeyRecord): GrantListEntry {
  const { contextSubset, contextEquals } = grant;
  return {
    KeyId: arn,
    GrantId: grant.id,
    Name: grant.name ?? '',
    CreationDate: new Date(grant.created),
    GranteePrincipal: grant.grantee,
    ...(grant.retiring !== undefined && { RetiringPrincipal: grant.retiring }),
    IssuingAccount: `arn:aws:iam::${grant.issuer}:root`,
    Operations: grant.operations as GrantOperation[],
    ...((contextSubset ?? contextEquals) && {
      Constraints: {
        ...(contextSubset && { EncryptionContextSubset: contextSubset }),
        ...(contextEquals && { EncryptionContextEquals: contextEquals }),
      },
    }),
  };
}
