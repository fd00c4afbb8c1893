import { advice, type Case, type Proposal } from './proposal.ts';

export function mendManagedKey(about: Case): Proposal[] {
  const owner = about.cause.account ?? '';
  const key = about.request.resource;
  const words =
    'encrypt with a key of the customer, whose policy can let other accounts use it, and copy the objects onto themselves; or read through a role of the owner';
  return [advice(owner, 'key', key, words)];
}

export function mendKeyState(about: Case): Proposal[] {
  const { situation, request } = about;
  const account = request.resource.split(':')[4] ?? '';
  const key = situation.world.accounts[account]?.keys[request.resource];
  if (key?.state === undefined) return [];
  const summary =
    key.state === 'PendingDeletion' ? 'cancel the deletion of the key, and enable it' : 'enable the key';
  return [
    {
      summary: `${summary}, if it was not turned off on purpose`,
      account,
      document: { kind: 'key', name: key.arn, arn: key.arn },
      edit: {
        on: 'setting',
        account,
        setting: { kind: 'key-state', key: key.arn, before: key.state, after: 'Enabled' },
      },
      also: 'its use to everybody whom its policy lets',
    },
  ];
}
