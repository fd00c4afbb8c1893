import type { HandshakeRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { describeHandshake } from './describe.ts';
import { invalidInput } from './errors.ts';
import { pageOf } from './pages.ts';
import { OrganizationChanges } from './changes.ts';
import { readTree, requireManagement, requireMember } from './state.ts';
import { readTags } from './tags.ts';
import type { Tree } from './tree.ts';

// The rules are those of the SDK's documentation of each operation.

const DAY = 86_400_000;
/** https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_invites.html */
const OPEN_FOR = 15 * DAY;
const SHOWN_FOR = 30 * DAY;

/** Invitations to join the organization, which the invited account accepts or declines. */
export const handshakeHandlers: HandlersOf<typeof import('@aws-sdk/client-organizations')> = {
  InviteAccountToOrganization(input, call) {
    const { tree, changes } = requireManagement(call);
    const account = requireInvitable(input.Target!, tree, call);
    const now = call.clock.now();
    const handshake: HandshakeRecord = {
      id: changes.newHandshakeId(),
      account,
      state: 'OPEN',
      requested: now,
      expires: now + OPEN_FOR,
      tags: readTags(input.Tags),
      ...(input.Notes && { notes: input.Notes }),
    };
    changes.saveHandshake(handshake);
    return { Handshake: describeHandshake(handshake, tree, call) };
  },

  AcceptHandshake(input, call) {
    const { tree, changes } = requireOrganization(call);
    const handshake = requireOpen(requireHandshake(tree, input.HandshakeId!, call, 'recipient'), 'ACCEPTED');
    if (tree.members.has(handshake.account)) throw alreadyMember();
    const accepted = changes.saveHandshake({ ...handshake, state: 'ACCEPTED' });
    changes.addMember(handshake.account, tree.organization.root, 'INVITED', { tags: handshake.tags });
    return { Handshake: describeHandshake(accepted, tree, call) };
  },

  DeclineHandshake(input, call) {
    const { tree, changes } = requireOrganization(call);
    const handshake = requireOpen(requireHandshake(tree, input.HandshakeId!, call, 'recipient'), 'DECLINED');
    return {
      Handshake: describeHandshake(changes.saveHandshake({ ...handshake, state: 'DECLINED' }), tree, call),
    };
  },

  CancelHandshake(input, call) {
    const { tree, changes } = requireOrganization(call);
    const handshake = requireOpen(requireHandshake(tree, input.HandshakeId!, call, 'sender'), 'CANCELED');
    return {
      Handshake: describeHandshake(changes.saveHandshake({ ...handshake, state: 'CANCELED' }), tree, call),
    };
  },

  DescribeHandshake(input, call) {
    const { tree } = requireOrganization(call);
    const handshake = requireHandshake(tree, input.HandshakeId!, call, 'party');
    return { Handshake: describeHandshake(handshake, tree, call) };
  },

  ListHandshakesForAccount(input, call) {
    const tree = readTree(call.store);
    const own = tree ? shown(tree, call).filter(({ account }) => account === call.caller.account) : [];
    const { page, more } = pageOf(ofType(own, input.Filter?.ActionType), input);
    return { Handshakes: page.map((handshake) => describeHandshake(handshake, tree!, call)), ...more };
  },

  ListHandshakesForOrganization(input, call) {
    const tree = requireMember(call);
    const { page, more } = pageOf(ofType(shown(tree, call), input.Filter?.ActionType), input);
    return { Handshakes: page.map((handshake) => describeHandshake(handshake, tree, call)), ...more };
  },
};

/** Whoever answers an invitation is no member yet. */
function requireOrganization(call: Call): { tree: Tree; changes: OrganizationChanges } {
  const tree = readTree(call.store);
  if (!tree) throw notFound();
  return { tree, changes: new OrganizationChanges(call.store, call.clock.now()) };
}

/** All invitations are of one type. */
const ofType = (handshakes: HandshakeRecord[], type: string | undefined): HandshakeRecord[] =>
  type === undefined || type === 'INVITE' ? handshakes : [];

/** As they are now; what is long over is shown no more. */
function shown({ organization }: Tree, call: Call): HandshakeRecord[] {
  const now = call.clock.now();
  return (organization.handshakes ?? [])
    .map((handshake): HandshakeRecord =>
      handshake.state === 'OPEN' && handshake.expires <= now ? { ...handshake, state: 'EXPIRED' } : handshake,
    )
    .filter(({ state, expires }) => state === 'OPEN' || expires + SHOWN_FOR > now);
}

type Part = 'sender' | 'recipient' | 'party';

/** An invitation, for those whom it concerns: to others it is not there. */
function requireHandshake(tree: Tree, id: string, call: Call, part: Part): HandshakeRecord {
  const { account } = call.caller;
  const found = shown(tree, call).find((handshake) => handshake.id === id);
  const isSender = account === tree.organization.management;
  if (!found || (found.account !== account && !isSender)) throw notFound();
  if (part === 'party' || (part === 'sender') === isSender) return found;
  throw new AwsError('AccessDeniedException', "You don't have permissions to access this resource.");
}

function notFound(): AwsError {
  return new AwsError('HandshakeNotFoundException', 'There is no such handshake.');
}

function requireOpen(handshake: HandshakeRecord, wanted: HandshakeRecord['state']): HandshakeRecord {
  const { state } = handshake;
  if (state === 'OPEN') return handshake;
  if (state === wanted)
    throw new AwsError('HandshakeAlreadyInStateException', `The handshake is ${state} already.`);
  throw new AwsError('InvalidHandshakeTransitionException', `The handshake is ${state}.`);
}

function requireInvitable(
  { Id: id, Type: type }: { Id?: string | undefined; Type?: string | undefined },
  tree: Tree,
  call: Call,
): string {
  if (type !== 'ACCOUNT' || id === undefined || !call.store.accounts.has(id))
    throw invalidInput('TARGET_NOT_SUPPORTED', 'An invitation goes to the id of an account of the sandbox.');
  if (tree.members.has(id)) throw alreadyMember();
  if (shown(tree, call).some(({ account, state }) => account === id && state === 'OPEN'))
    throw new AwsError('DuplicateHandshakeException', 'The account has an open invitation.');
  return id;
}

function alreadyMember(): AwsError {
  return new AwsError(
    'HandshakeConstraintViolationException',
    'The account is a member of an organization.',
    {
      fields: { Reason: 'ALREADY_IN_AN_ORGANIZATION' },
    },
  );
}
