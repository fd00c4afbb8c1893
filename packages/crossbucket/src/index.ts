export { evaluateEntries } from './evaluate-entries.ts';
export { lintFile } from './lint-files.ts';
