import type { Holder } from '../accounts/principal-name.ts';

/** One document of one account: what a change is about. */
export type DocumentRef = { account: string } & (
  | { kind: 'bucket-policy'; bucket: string; region: string }
  | { kind: 'key-policy'; key: string }
  /** The trust policy of a role that others made. */
  | { kind: 'trust-policy'; role: string }
  | { kind: 'inline-policy'; holder: Holder; policy: string }
  | { kind: 'managed-policy'; arn: string }
  /** A role of ours, whole: trust, session length, boundary, tags. */
  | { kind: 'role'; role: string }
);

export type DocumentKind = DocumentRef['kind'];

/** Documents in which statements of others stand beside ours. */
export const isShared = ({ kind }: DocumentRef): boolean => SHARED.has(kind);

const SHARED: ReadonlySet<DocumentKind> = new Set(['bucket-policy', 'key-policy', 'trust-policy']);

/** `bucket policy of acme-reports` */
export function nameOf(document: DocumentRef): string {
  switch (document.kind) {
    case 'bucket-policy':
      return `bucket policy of ${document.bucket}`;
    case 'key-policy':
      return `key policy of ${document.key}`;
    case 'trust-policy':
      return `trust policy of role ${document.role}`;
    case 'inline-policy':
      return `policy ${document.policy} of ${document.holder.kind} ${document.holder.name}`;
    case 'managed-policy':
      return `managed policy ${document.arn}`;
    case 'role':
      return `role ${document.role}`;
  }
}

/** Tells documents apart. */
export const identityOf = (document: DocumentRef): string => `${document.account} ${nameOf(document)}`;
