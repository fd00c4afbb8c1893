import type { ApiCall } from '../snapshot.ts';

/** Account of the caller, from its ARN; empty for a service or an anonymous caller. */
export const callerAccount = (call: ApiCall): string => call.principal.split(':')[4] ?? '';

/** `aws`, `aws-cn`, `aws-us-gov`, ... */
export function partition(call: ApiCall): string {
  const own = call.principal.startsWith('arn:') ? call.principal.split(':')[1] : undefined;
  return own || 'aws';
}

/** The region that the call goes to. */
export function region(call: ApiCall): string {
  const asked = call.context?.['aws:RequestedRegion'];
  return typeof asked === 'string' && asked !== '' ? asked : 'us-east-1';
}
