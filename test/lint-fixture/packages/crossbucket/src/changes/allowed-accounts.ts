import { read } from '../accounts/read.ts';
export const account = read;
