import { authorize } from '@crossbucket/policy';
import { open } from 'lmdb';
export const decide = [authorize, open];
