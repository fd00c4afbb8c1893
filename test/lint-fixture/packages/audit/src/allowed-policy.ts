import { authorize } from '@crossbucket/policy';
export const decide = authorize;
