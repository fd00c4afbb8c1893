/** What AWS charges for what a trail delivers, in US dollars for a million events; regions may differ. */
export interface TrailCosts {
  dataEvents: number;
  /** Of the first copy in each region. */
  managementEvents: number;
  /** Of each further copy: where another trail delivers the same ones. */
  managementCopies: number;
  page: string;
}

/** $0.10 for 100,000 data events, nothing for the first copy of management events, $2.00 for 100,000 of each further one. */
export const TRAIL_COSTS: TrailCosts = {
  dataEvents: 1,
  managementEvents: 0,
  managementCopies: 20,
  page: 'https://aws.amazon.com/cloudtrail/pricing/',
};
