import { run } from 'crossbucket';
export const command = run;
