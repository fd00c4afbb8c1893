import { readError, type AccountConnection } from '../accounts/index.ts';
import { asAwsError, hasName } from '../accounts/aws-error.ts';
import { ChangeError } from './change-error.ts';
import type { DocumentRef } from './document-ref.ts';
import { nameOf } from './document-ref.ts';
import { ACCESS_POINT_POLICY } from './stores/access-point-policy.ts';
import { ATTACHED_POLICY } from './stores/attached-policy.ts';
import { BUCKET } from './stores/bucket.ts';
import { BUCKET_POLICY } from './stores/bucket-policy.ts';
import { INLINE_POLICY } from './stores/inline-policy.ts';
import { KEY_POLICY } from './stores/key-policy.ts';
import { MANAGED_POLICY } from './stores/managed-policy.ts';
import { ORGANIZATION_POLICY } from './stores/organization-policy.ts';
import { ROLE, TRUST_POLICY } from './stores/role.ts';
import { TRAIL } from './stores/trail.ts';
import { KEY_STATE, MAX_SESSION, OWNERSHIP } from './stores/settings.ts';
import type { Store } from './stores/store.ts';

const STORES: { [K in DocumentRef['kind']]: Store<Extract<DocumentRef, { kind: K }>> } = {
  'bucket-policy': BUCKET_POLICY,
  'key-policy': KEY_POLICY,
  'inline-policy': INLINE_POLICY,
  'managed-policy': MANAGED_POLICY,
  'trust-policy': TRUST_POLICY,
  role: ROLE,
  bucket: BUCKET,
  trail: TRAIL,
  'attached-policy': ATTACHED_POLICY,
  'access-point-policy': ACCESS_POINT_POLICY,
  scp: ORGANIZATION_POLICY,
  rcp: ORGANIZATION_POLICY,
  ownership: OWNERSHIP,
  'max-session': MAX_SESSION,
  'key-state': KEY_STATE,
};

/** Reads and writes the documents of accounts as AWS has them now; null stands for no document. */
export interface Documents {
  /** @throws AccountError with account, document and call */
  read(document: DocumentRef): Promise<string | null>;
  /**
   * @param current What stands there, as just read.
   * @throws AccountError; the SDK's own error where AWS refuses the document itself
   */
  write(document: DocumentRef, text: string | null, current: string | null): Promise<void>;
}

/** @param accounts Connections by account id. */
export function awsDocuments(accounts: ReadonlyMap<string, AccountConnection>): Documents {
  const connectionOf = ({ account }: DocumentRef): AccountConnection => {
    const connection = accounts.get(account);
    if (connection === undefined) throw new Error(`no connection to account ${account}`);
    return connection;
  };
  return {
    async read(document) {
      const connection = connectionOf(document);
      const store = storeOf(document);
      return located(document, connection, store.reads(document), () => store.read(connection, document));
    },
    async write(document, text, current) {
      const connection = connectionOf(document);
      const store = storeOf(document);
      await located(document, connection, store.writes(document, text, current), () =>
        store.write(connection, document, text, current),
      );
    },
  };
}

const storeOf = ({ kind }: DocumentRef): Store<DocumentRef> => STORES[kind] as Store<DocumentRef>;

/** A failed call says which account, document and call it was; that a document is refused is for the caller to explain. */
async function located<T>(
  document: DocumentRef,
  connection: AccountConnection,
  call: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await connection.limiter.run(work);
  } catch (error) {
    if (isRefusal(error) || error instanceof ChangeError) throw error;
    throw readError(error, connection, calledBy(error) ?? call, nameOf(document));
  }
}

/** The document is what AWS does not like. */
export const isRefusal = (error: unknown): boolean =>
  hasName(
    error,
    'MalformedPolicy',
    'MalformedPolicyDocument',
    'MalformedPolicyDocumentException',
    'LimitExceeded',
    'LimitExceededException',
    'InvalidPolicyDocument',
    'PolicyTooLarge',
  ) && asAwsError(error).$metadata !== undefined;

/** A store of several calls notes at which it was. */
const calledBy = (error: unknown): string | undefined => {
  const { call } = asAwsError(error) as { call?: unknown };
  return typeof call === 'string' ? call : undefined;
};
