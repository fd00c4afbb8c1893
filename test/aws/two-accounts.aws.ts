import { describeTwoAccounts } from './suite.ts';

// `npm run test:aws`, with the names of two profiles: see CONTRIBUTING.md.
const { CROSSBUCKET_SOURCE_PROFILE: source, CROSSBUCKET_DESTINATION_PROFILE: destination } = process.env;

describeTwoAccounts(async () => {
  if (source === undefined || destination === undefined)
    throw new Error('name two profiles in CROSSBUCKET_SOURCE_PROFILE and CROSSBUCKET_DESTINATION_PROFILE');
  return { source, destination };
});
