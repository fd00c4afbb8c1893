export * from './accounts.ts';
export * from './grants.ts';
export * from './objects.ts';
export * from './records.ts';
export type { Need, Needs } from './need.ts';
