import { AwsError } from '../../wire/errors.ts';

/** Ends a call that only asked whether it would succeed. */
export function succeedDry({ DryRun: dry }: { DryRun?: boolean | undefined }): void {
  if (dry === true)
    throw new AwsError(
      'DryRunOperationException',
      'The request would have succeeded, but the DryRun option is set.',
    );
}
