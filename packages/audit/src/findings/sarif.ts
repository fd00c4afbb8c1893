import { FINDING_RULES, type Finding } from './find-findings.ts';
import type { Severity } from './rule.ts';

const LEVELS: Record<Severity, string> = { high: 'error', medium: 'warning', low: 'note' };

/** SARIF 2.1.0, which code hosts read. */
export function findingsSarif(findings: readonly Finding[], version: string) {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'crossbucket audit',
            version,
            rules: FINDING_RULES.map(({ code, title, help, severity }) => ({
              id: code,
              shortDescription: { text: title },
              help: { text: help },
              defaultConfiguration: { level: LEVELS[severity] },
            })),
          },
        },
        results: findings.map(({ rule, severity, message, help, file, resource, event, ...rest }) => ({
          ruleId: rule,
          level: LEVELS[severity],
          message: { text: `${message}. ${help}` },
          locations: [
            {
              ...(file !== null && {
                physicalLocation: {
                  artifactLocation: { uri: encodeURI(file).replaceAll(/[?#]/g, encodeURIComponent) },
                },
              }),
              ...(resource !== null && { logicalLocations: [{ name: resource, kind: 'resource' }] }),
            },
          ],
          partialFingerprints: { 'crossbucket/v1': [rule, resource, event ?? rest.first].join(' ') },
          properties: { ...rest, event },
        })),
      },
    ],
  };
}
