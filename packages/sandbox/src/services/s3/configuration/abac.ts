import type { HandlersOf } from '../../service.ts';
import { malformedXml } from '../errors.ts';
import { configurationOf, setConfiguration } from './stored.ts';

export const abacHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketAbac(input, call) {
    const status = input.AbacStatus?.Status;
    if (status !== 'Enabled' && status !== 'Disabled') throw malformedXml();
    setConfiguration(call, 'abac', status);
    return {};
  },

  GetBucketAbac(_, call) {
    return { AbacStatus: { Status: configurationOf(call.survey.bucket!, 'abac') ?? 'Disabled' } };
  },
};
