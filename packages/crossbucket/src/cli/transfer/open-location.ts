import type { Bucket, CrossAccountRoleOptions } from '@crossbucket/access';
import type { Use } from '../../grant/use-grant.ts';
import { UsageError } from '../errors.ts';
import type { AccessOptions } from './access-options.ts';
import type { S3Location } from './location.ts';

/** Credentials and owner that options, or the grant that fits, come to. */
export interface Access {
  role: CrossAccountRoleOptions | undefined;
  profile: string | undefined;
  region: string | undefined;
  endpoint: string | undefined;
  owner: string | undefined;
}

/** The bucket of a place in S3, with the credentials that the options or crossbucket.yaml give for it. */
export async function openLocation(location: S3Location, use: Use, options: AccessOptions): Promise<Bucket> {
  const { openBucket } = await import('@crossbucket/access');
  const { role, profile, region, endpoint, owner } = await findAccess(options, location, use);
  return openBucket({
    bucket: location.bucket,
    region,
    ...(role ? { role, profile } : { profile }),
    ...(owner !== undefined && { expectedOwner: owner }),
    ...(endpoint !== undefined && { clientConfig: { endpoint } }),
  });
}

/** Without a place, only the options and `--grant` count. */
export async function findAccess(
  options: AccessOptions,
  location?: S3Location,
  use: Use = 'read',
): Promise<Access> {
  const {
    profile,
    roleArn,
    externalId,
    sessionName,
    region,
    endpointUrl: endpoint,
    expectedOwner,
    cache,
  } = options;
  // A grant that fits gives way to a profile; one that is named is used with that.
  const isWanted = options.grant !== undefined || (profile === undefined && roleArn === undefined);
  const grant = isWanted ? await grantFor(options, location, use) : undefined;
  const arn = roleArn ?? grant?.roleArn;
  if (arn === undefined && externalId !== undefined)
    throw new UsageError('`--external-id` is given without a role', 'add --role-arn, or name a --grant');
  const role: CrossAccountRoleOptions | undefined =
    arn === undefined
      ? undefined
      : {
          roleArn: arn,
          ...withoutUndefined({ externalId: externalId ?? grant?.externalId, sessionName, region, endpoint }),
          ...(cache === true && { cache: 'disk' as const }),
        };
  return { role, profile: profile ?? grant?.profile, region, endpoint, owner: expectedOwner ?? grant?.owner };
}

async function grantFor(
  { grant: name, config, externalId }: AccessOptions,
  location: S3Location | undefined,
  use: Use,
) {
  const { SPEC_FILE } = await import('../../spec/spec-file.ts');
  const { existsSync } = await import('node:fs');
  if (name === undefined && config === undefined && !existsSync(SPEC_FILE)) return undefined;
  const [{ readSpec }, { findGrant, useGrant }] = await Promise.all([
    import('../../spec/index.ts'),
    import('../../grant/use-grant.ts'),
  ]);
  const spec = await readSpec(config);
  const grant =
    name === undefined
      ? location && findGrant(spec, location.bucket, location.key, use)
      : spec.grants?.find((candidate) => candidate.name === name);
  if (!grant && name !== undefined) {
    const names = spec.grants?.map((known) => known.name).join(', ') || 'none';
    throw new UsageError(`there is no grant \`${name}\``, `the grants of the configuration are: ${names}`);
  }
  return grant && useGrant(spec, grant, externalId);
}

const withoutUndefined = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
