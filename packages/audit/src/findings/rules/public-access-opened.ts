import type { EventRule } from '../rule.ts';

const SETTINGS = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'];

export const publicAccessOpened: EventRule = {
  code: 'public-access-opened',
  severity: 'high',
  title: 'Block Public Access was turned off',
  help: 'turn all four settings on again, unless the bucket is meant for everybody',
  events: [
    'PutBucketPublicAccessBlock',
    'DeleteBucketPublicAccessBlock',
    'PutAccountPublicAccessBlock',
    'DeleteAccountPublicAccessBlock',
  ],
  judge(event) {
    const where = event.text('bucket') ?? `account ${event.owner}`;
    if (event.name.startsWith('Delete'))
      return { message: `${event.caller} removed Block Public Access of ${where}` };
    const off = SETTINGS.filter((name) => isOff(configuration(event.request), name));
    if (off.length === 0) return undefined;
    return { message: `${event.caller} turned ${off.join(', ')} off for ${where}` };
  },
};

function configuration(request: Record<string, unknown>): Record<string, unknown> {
  const inner = request['PublicAccessBlockConfiguration'] ?? request['publicAccessBlockConfiguration'];
  return typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
}

/** A setting that is left out is off. */
function isOff(settings: Record<string, unknown>, name: string): boolean {
  const value = settings[name] ?? settings[name.charAt(0).toLowerCase() + name.slice(1)];
  return value !== true && value !== 'true';
}
