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
  /** A managed policy that is made, and attached to one principal. */
  | { kind: 'attached-policy'; arn: string; holder: Holder }
  | { kind: 'access-point-policy'; arn: string }
  /** Of the management account. */
  | { kind: 'scp' | 'rcp'; name: string; arn?: string }
  | Setting
);

/** A value, and no policy. */
type Setting =
  | { kind: 'ownership'; bucket: string; region: string }
  | { kind: 'max-session'; role: string }
  | { kind: 'key-state'; key: string }
  /** A bucket of ours, and that it is closed to the public. */
  | { kind: 'bucket'; bucket: string; region: string }
  /** A trail of CloudTrail's: where it writes, what it logs, and whether it does. */
  | { kind: 'trail'; trail: string; region: string };

export type SettingRef = { account: string } & Setting;

export const isSetting = (document: DocumentRef): document is SettingRef => SETTINGS.has(document.kind);

const SETTINGS: ReadonlySet<string> = new Set<Setting['kind']>([
  'ownership',
  'max-session',
  'key-state',
  'bucket',
  'trail',
]);

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
    case 'bucket':
      return `bucket ${document.bucket}`;
    case 'trail':
      return `trail ${document.trail}`;
    case 'attached-policy':
      return `managed policy ${document.arn.split('/').at(-1)!}, attached to ${document.holder.kind} ${document.holder.name}`;
    case 'access-point-policy':
      return `policy of access point ${document.arn.split('/').at(-1)!}`;
    case 'scp':
      return `service control policy ${document.name}`;
    case 'rcp':
      return `resource control policy ${document.name}`;
    case 'ownership':
      return `object ownership of ${document.bucket}`;
    case 'max-session':
      return `longest session of role ${document.role}`;
    case 'key-state':
      return `state of key ${document.key}`;
  }
}

/** Tells documents apart. */
export const identityOf = (document: DocumentRef): string => `${document.account} ${nameOf(document)}`;
