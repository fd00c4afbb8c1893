import { merge } from '../changes/merge.ts';
export const merged = merge;
