/** Where the configuration is looked for. */
export const SPEC_FILE = 'crossbucket.yaml';
