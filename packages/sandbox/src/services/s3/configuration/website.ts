import type { RoutingRule, WebsiteConfiguration } from '@aws-sdk/client-s3';
import { AwsError } from '../../../wire/errors.ts';
import type { HandlersOf } from '../../service.ts';
import { malformedXml } from '../errors.ts';
import { configurationOf, setConfiguration } from './stored.ts';

export const websiteHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketWebsite(input, call) {
    const website = input.WebsiteConfiguration;
    if (!website) throw malformedXml();
    requireWebsite(website);
    setConfiguration(call, 'website', website);
    return {};
  },

  GetBucketWebsite(_, call) {
    const bucket = call.survey.bucket!;
    const website = configurationOf(bucket, 'website');
    if (website) return website;
    throw new AwsError(
      'NoSuchWebsiteConfiguration',
      'The specified bucket does not have a website configuration',
      { status: 404, fields: { BucketName: bucket.name } },
    );
  },

  DeleteBucketWebsite(_, call) {
    setConfiguration(call, 'website', undefined);
    return {};
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html */
const MOST_RULES = 50;

function requireWebsite(website: WebsiteConfiguration): void {
  const {
    RedirectAllRequestsTo: all,
    IndexDocument: index,
    ErrorDocument: error,
    RoutingRules: rules,
  } = website;
  if (all) {
    if (index || error || rules)
      throw argument('RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.');
    if (!all.HostName) throw malformedXml();
    requireProtocol(all.Protocol);
    return;
  }
  if (!index)
    throw argument('A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty');
  if (!index.Suffix || index.Suffix.includes('/'))
    throw argument('The IndexDocument Suffix is not well formed');
  if (error && !error.Key) throw argument('The ErrorDocument Key is not well formed');
  if (!rules) return;
  if (rules.length === 0) throw malformedXml();
  if (rules.length > MOST_RULES) throw request(`The number of routing rules must not exceed ${MOST_RULES}.`);
  rules.forEach(requireRule);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html */
function requireRule({ Redirect: redirect, Condition: condition }: RoutingRule): void {
  if (!redirect || Object.keys(redirect).length === 0) throw malformedXml();
  if (redirect.ReplaceKeyPrefixWith !== undefined && redirect.ReplaceKeyWith !== undefined)
    throw request('You can only define ReplaceKeyPrefix or ReplaceKey but not both.');
  requireProtocol(redirect.Protocol);
  const code = redirect.HttpRedirectCode;
  if (code !== undefined && !/^3(?!00)\d\d$/.test(code))
    throw request(`The provided HTTP redirect code (${code}) is not valid. Valid codes are 3XX except 300.`);
  if (!condition) return;
  const { HttpErrorCodeReturnedEquals: error, KeyPrefixEquals: prefix } = condition;
  if (error === undefined && prefix === undefined)
    throw request(
      "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.",
    );
  if (error !== undefined && !/^[45]\d\d$/.test(error))
    throw request(`The provided HTTP error code (${error}) is not valid. Valid codes are 4XX or 5XX.`);
}

function requireProtocol(protocol: string | undefined): void {
  if (protocol === undefined || protocol === 'http' || protocol === 'https') return;
  throw request(
    'Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.',
  );
}

const argument = (message: string): AwsError => new AwsError('InvalidArgument', message);
const request = (message: string): AwsError => new AwsError('InvalidRequest', message);
