import { describeKills } from './killed-transfers.ts';

// test/long does it twenty times.
describeKills(3);
