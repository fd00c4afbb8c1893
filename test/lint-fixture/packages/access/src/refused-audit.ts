import { ask } from '@crossbucket/audit/questions';
export const question = ask;
