import { run } from '../cli/main.ts';
export const command = run;
