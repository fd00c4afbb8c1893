import { explain } from '../explain/explain.ts';
import { plan } from '../grant/plan.ts';
export const commands = [explain, plan];
