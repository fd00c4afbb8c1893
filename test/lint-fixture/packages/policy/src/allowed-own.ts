import { z } from './allowed-other.ts';
export const schema = z;
