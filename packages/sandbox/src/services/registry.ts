import { header } from '../wire/message.ts';
import type { LoadedService, ServiceDefinition } from './service.ts';

/** Importing what is imported already still costs a turn of the module loader. */
function once(load: () => Promise<LoadedService>): () => LoadedService | Promise<LoadedService> {
  let loaded: LoadedService | undefined;
  let loading: Promise<LoadedService> | undefined;
  return () => loaded ?? (loading ??= load().then((service) => (loaded = service)));
}

/** Every service that the sandbox answers for, loaded with its first call. */
export const SERVICES: readonly ServiceDefinition[] = [
  // Before S3, whose scope and host it shares. A bucket may have the name that all its paths begin with; whose account is
  // meant, only its requests say.
  {
    name: 's3control',
    scope: 's3',
    owns: (head) => head.rawPath.startsWith('/v20180820/') && header(head, 'x-amz-account-id') !== undefined,
    protocol: 'rest-xml',
    namespace: 'http://awss3control.amazonaws.com/doc/2018-08-20/',
    load: once(async () => (await import('./s3control/service.ts')).s3control),
  },
  {
    name: 's3',
    protocol: 'rest-xml',
    namespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
    load: once(async () => (await import('./s3/service.ts')).s3),
  },
  {
    name: 'sts',
    protocol: 'query',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    version: '2011-06-15',
    load: once(async () => (await import('./sts/service.ts')).sts),
  },
  {
    name: 'iam',
    protocol: 'query',
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    version: '2010-05-08',
    load: once(async () => (await import('./iam/service.ts')).iam),
  },
  {
    name: 'cloudtrail',
    protocol: 'json',
    namespace: '',
    target: 'CloudTrail_20131101',
    load: once(async () => (await import('./cloudtrail/service.ts')).cloudtrail),
  },
  {
    name: 'kms',
    protocol: 'json',
    namespace: '',
    target: 'TrentService',
    load: once(async () => (await import('./kms/service.ts')).kms),
  },
  {
    name: 'organizations',
    protocol: 'json',
    namespace: '',
    target: 'AWSOrganizationsV20161128',
    load: once(async () => (await import('./organizations/service.ts')).organizations),
  },
];

/** Whatever names no service is for S3: anonymous requests and presigned URLs are. */
export const S3 = SERVICES.find(({ name }) => name === 's3')!;
