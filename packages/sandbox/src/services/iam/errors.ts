import { AwsError } from '../../wire/errors.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html and its neighbours. */
export const noSuchEntity = (message: string): AwsError =>
  new AwsError('NoSuchEntity', message, { status: 404 });

export const entityExists = (message: string): AwsError =>
  new AwsError('EntityAlreadyExists', message, { status: 409 });

export const deleteConflict = (message: string): AwsError =>
  new AwsError('DeleteConflict', message, { status: 409 });

export const limitExceeded = (message: string): AwsError =>
  new AwsError('LimitExceeded', message, { status: 409 });
