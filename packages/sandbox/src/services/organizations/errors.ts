import { AwsError } from '../../wire/errors.ts';

// The reasons are those of the SDK's model of Organizations.

export function constraint(reason: string, message: string): AwsError {
  return new AwsError('ConstraintViolationException', message, { fields: { Reason: reason } });
}

export function invalidInput(reason: string, message: string): AwsError {
  return new AwsError('InvalidInputException', message, { fields: { Reason: reason } });
}

/** As Organizations tells whoever is not the management account, and has nothing delegated. */
export function notYours(): AwsError {
  return new AwsError('AccessDeniedException', "You don't have permissions to access this resource.");
}
