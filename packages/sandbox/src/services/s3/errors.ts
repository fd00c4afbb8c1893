import { AwsError } from '../../wire/errors.ts';

export { malformedXml } from '../../wire/xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const noSuchBucket = (bucket: string): AwsError =>
  new AwsError('NoSuchBucket', 'The specified bucket does not exist', { fields: { BucketName: bucket } });

/** Of a bucket whose account is closed. */
export const allAccessDisabled = (): AwsError =>
  new AwsError('AllAccessDisabled', 'All access to this Amazon S3 resource has been disabled.');

export const noSuchKey = (key: string): AwsError =>
  new AwsError('NoSuchKey', 'The specified key does not exist.', { status: 404, fields: { Key: key } });

export const noSuchVersion = (key: string, version: string): AwsError =>
  new AwsError('NoSuchVersion', 'The specified version does not exist.', {
    status: 404,
    fields: { Key: key, VersionId: version },
  });

export const noSuchBucketPolicy = (bucket: string): AwsError =>
  new AwsError('NoSuchBucketPolicy', 'The bucket policy does not exist', { fields: { BucketName: bucket } });

export const missingBody = (): AwsError => new AwsError('MissingRequestBodyError', 'Request Body is empty');

export const preconditionFailed = (condition: string): AwsError =>
  new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    fields: { Condition: condition },
  });

export const invalidArgument = (name: string, value: string, message: string): AwsError =>
  new AwsError('InvalidArgument', message, { fields: { ArgumentName: name, ArgumentValue: value } });

/**
 * Refuses members of an input that ask for what is not served yet.
 * @param members The SDK's names, with the header that carries each.
 */
export function refuseMembers(input: object, members: Readonly<Record<string, string>>): void {
  for (const member in members) {
    if ((input as Record<string, unknown>)[member] === undefined) continue;
    const header = members[member]!;
    throw new AwsError(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented.',
      {
        fields: { Header: header, AdditionalMessage: `The sandbox does not implement ${header}.` },
      },
    );
  }
}
