import { plan } from '../grant/plan.ts';
export const planned = plan;
