import { describeKills } from '../faults/killed-transfers.ts';

describeKills(20);
