import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { changeSchema } from '../changes/index.ts';
import { GrantError } from './grant-error.ts';
import type { GrantPlan } from './plan-grants.ts';

const id = z.string().regex(/^\d{12}$/);

const planSchema = z.strictObject({
  format: z.literal(1),
  wish: z.enum(['granted', 'revoked']),
  madeAt: z.string(),
  side: z.enum(['source', 'destination', 'both']),
  grants: z.array(
    z.strictObject({
      name: z.string(),
      route: z.enum(['role', 'bucket-policy']),
      source: id,
      destination: id,
      bucket: z.string(),
      roleArn: z.string().optional(),
      externalId: z.string().optional(),
      reasons: z.array(z.string()),
    }),
  ),
  changes: z.array(
    z.strictObject({
      change: changeSchema,
      grants: z.array(z.string()),
      side: z.enum(['source', 'destination']),
    }),
  ),
  problems: z.array(
    z.looseObject({
      severity: z.enum(['error', 'warning', 'note']),
      code: z.string(),
      grant: z.string(),
      message: z.string(),
      help: z.string(),
    }),
  ),
  knownPrincipals: z.array(z.string()),
});

/** Nobody but the user may put another plan in its place. */
export async function writePlan(file: string, plan: GrantPlan): Promise<void> {
  await writeFile(file, `${JSON.stringify(plan, null, 2)}\n`, { mode: 0o600 });
}

/** @throws GrantError `invalid-plan` */
export async function readPlan(file: string): Promise<GrantPlan> {
  try {
    return planSchema.parse(JSON.parse(await readFile(file, 'utf8'))) as unknown as GrantPlan;
  } catch (cause) {
    const why = cause instanceof z.ZodError ? cause.issues[0]?.message : (cause as Error).message;
    throw new GrantError(
      'invalid-plan',
      `\`${file}\` is no plan: ${why}`,
      'name a file that `crossbucket grant plan --out FILE` has written with this version',
      { cause },
    );
  }
}
