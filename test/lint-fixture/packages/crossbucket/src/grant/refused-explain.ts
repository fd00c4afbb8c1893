import { explain } from '../explain/explain.ts';
export const why = explain;
