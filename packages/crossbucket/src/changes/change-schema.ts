import type { Statement } from '@crossbucket/policy';
import { z } from 'zod';

const account = z.string().regex(/^\d{12}$/);
const holder = z.strictObject({ kind: z.enum(['user', 'role', 'group']), name: z.string().min(1) });

const documentSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    account,
    kind: z.literal('bucket-policy'),
    bucket: z.string().min(3),
    region: z.string(),
  }),
  z.strictObject({ account, kind: z.literal('key-policy'), key: z.string().startsWith('arn:') }),
  z.strictObject({ account, kind: z.literal('trust-policy'), role: z.string().min(1) }),
  z.strictObject({ account, kind: z.literal('inline-policy'), holder, policy: z.string().min(1) }),
  z.strictObject({ account, kind: z.literal('managed-policy'), arn: z.string().startsWith('arn:') }),
  z.strictObject({ account, kind: z.literal('role'), role: z.string().min(1) }),
  z.strictObject({ account, kind: z.literal('bucket'), bucket: z.string().min(3), region: z.string() }),
  z.strictObject({ account, kind: z.literal('trail'), trail: z.string().min(3), region: z.string() }),
  z.strictObject({ account, kind: z.literal('attached-policy'), arn: z.string().startsWith('arn:'), holder }),
  z.strictObject({ account, kind: z.literal('access-point-policy'), arn: z.string().startsWith('arn:') }),
  z.strictObject({
    account,
    kind: z.enum(['scp', 'rcp']),
    name: z.string().min(1),
    arn: z.string().startsWith('arn:'),
  }),
  z.strictObject({ account, kind: z.literal('ownership'), bucket: z.string().min(3), region: z.string() }),
  z.strictObject({ account, kind: z.literal('max-session'), role: z.string().min(1) }),
  z.strictObject({ account, kind: z.literal('key-state'), key: z.string().startsWith('arn:') }),
]);

const statement = z.looseObject({ Effect: z.enum(['Allow', 'Deny']) }) as unknown as z.ZodType<Statement>;

/** A change in a plan file or a backup. */
export const changeSchema = z.strictObject({
  document: documentSchema,
  before: z.string().nullable(),
  after: z.string().nullable(),
  ids: z.record(z.string(), z.string()).optional(),
  edits: z
    .strictObject({
      owners: z.array(z.string()).optional(),
      sids: z.array(z.string()).optional(),
      add: z.array(statement),
      dropPrincipals: z.array(z.string()).optional(),
    })
    .optional(),
});
