import type { DocumentKind } from './document-ref.ts';

/**
 * In characters, white space not counted.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const LIMITS: Partial<Record<DocumentKind, number>> = {
  'bucket-policy': 20_480,
  'key-policy': 32_768,
  'trust-policy': 2048,
  role: 2048,
};

/** All inline policies of one of them together. */
export const INLINE_LIMITS = { role: 10_240, user: 2048, group: 5120 } as const;
