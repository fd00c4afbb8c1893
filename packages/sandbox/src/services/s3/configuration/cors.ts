import type { CORSRule } from '@aws-sdk/client-s3';
import { AwsError } from '../../../wire/errors.ts';
import type { HandlersOf } from '../../service.ts';
import { malformedXml } from '../errors.ts';
import { configurationOf, setConfiguration } from './stored.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html */
const MOST_RULES = 100;
const LONGEST_ID = 255;
const METHODS: ReadonlySet<string> = new Set(['GET', 'PUT', 'POST', 'DELETE', 'HEAD']);

export const corsHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketCors(input, call) {
    const rules = input.CORSConfiguration?.CORSRules ?? [];
    if (rules.length === 0) throw malformedXml();
    if (rules.length > MOST_RULES)
      throw invalid(`The number of CORS rules should not exceed allowed limit of ${MOST_RULES} rules.`);
    rules.forEach(requireRule);
    setConfiguration(call, 'cors', { CORSRules: rules });
    return {};
  },

  GetBucketCors(_, call) {
    const bucket = call.survey.bucket!;
    const cors = configurationOf(bucket, 'cors');
    if (cors) return cors;
    throw new AwsError('NoSuchCORSConfiguration', 'The CORS configuration does not exist', {
      status: 404,
      fields: { BucketName: bucket.name },
    });
  },

  DeleteBucketCors(_, call) {
    setConfiguration(call, 'cors', undefined);
    return {};
  },
};

function requireRule(rule: CORSRule): void {
  const { AllowedMethods: methods = [], AllowedOrigins: origins = [], AllowedHeaders: headers = [] } = rule;
  if (methods.length === 0 || origins.length === 0) throw malformedXml();
  for (const method of methods)
    if (!METHODS.has(method))
      throw invalid(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`);
  requireWildcards('AllowedOrigin', origins);
  requireWildcards('AllowedHeader', headers);
  for (const header of rule.ExposeHeaders ?? [])
    if (header.includes('*'))
      throw invalid(
        `ExposeHeader "${header}" contains wildcard. We currently do not support wildcard for ExposeHeader.`,
      );
  if ((rule.ID?.length ?? 0) > LONGEST_ID) throw invalid(`The maximum size of ID is ${LONGEST_ID}.`);
  const { MaxAgeSeconds: age } = rule;
  if (age !== undefined && !Number.isInteger(age)) throw malformedXml();
}

function requireWildcards(what: string, values: readonly string[]): void {
  for (const value of values)
    if (value.split('*').length > 2) throw invalid(`${what} "${value}" can not have more than one wildcard.`);
}

const invalid = (message: string): AwsError => new AwsError('InvalidRequest', message);
