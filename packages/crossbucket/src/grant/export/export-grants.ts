import type { GrantSpec, Spec } from '../../spec/index.ts';
import { newExternalId, type Readers } from '../gather.ts';
import { planGrants, type GrantPlan, type Side } from '../plan-grants.ts';
import type { GrantState } from '../state.ts';
import { exportAwsCli } from './aws-cli.ts';
import { exportCloudFormation } from './cloudformation.ts';
import { exportedDocuments, type ExportedDocument } from './exported.ts';
import { exportSteps } from './steps.ts';
import { exportTerraform } from './terraform.ts';

export const EXPORT_FORMATS = ['terraform', 'cloudformation', 'aws-cli', 'json', 'steps'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface Exported {
  text: string;
  plan: GrantPlan;
}

/** A side of grants as code or words. Both accounts' documents follow from what is looked at, so `side` narrows what is written only. */
export async function exportGrants(
  spec: Spec,
  grants: readonly GrantSpec[],
  readers: Readers,
  format: ExportFormat,
  {
    side,
    read,
    externalIds = {},
  }: { side: Side; read: Side; externalIds?: Readonly<Record<string, string>> },
): Promise<Exported> {
  const { plan, states } = await planGrants(spec, grants, readers, { side: read, externalIds });
  const known = states.map((state) => imagineUnseen(state, externalIds));
  return { text: write(exportedDocuments(spec, known, side), plan, format), plan };
}

/** A side that is not looked at has nothing that stands in the way, so far as anybody knows. */
function imagineUnseen(state: GrantState, externalIds: Readonly<Record<string, string>>): GrantState {
  const { facts } = state;
  const source = state.source ?? {
    principals: facts.principals.map((principal) => ({ principal, snapshot: undefined, policy: null })),
    former: [],
  };
  if (state.destination !== undefined) return { ...state, source };
  const wish = facts.spec.role?.externalId ?? 'auto';
  const externalId = wish === 'auto' ? (externalIds[facts.spec.name] ?? newExternalId()) : wish || undefined;
  return {
    facts: { ...facts, externalId: facts.route === 'role' ? externalId : undefined },
    source,
    destination: {
      bucket: { name: facts.bucket, region: facts.region },
      publicAccessBlock: undefined,
      bucketPolicy: null,
      keyPolicies: {},
      role: undefined,
      formerRoles: [],
    },
  };
}

function write(documents: readonly ExportedDocument[], plan: GrantPlan, format: ExportFormat): string {
  switch (format) {
    case 'terraform':
      return exportTerraform(documents);
    case 'cloudformation':
      return exportCloudFormation(documents);
    case 'aws-cli':
      return exportAwsCli(documents);
    case 'steps':
      return exportSteps(documents, plan);
    case 'json': {
      const shown = documents.map((document) => ({ ...document, profile: undefined }));
      return `${JSON.stringify({ grants: plan.grants, documents: shown }, null, 2)}\n`;
    }
  }
}
