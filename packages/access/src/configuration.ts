/** How the SDK is configured, for those who make clients of their own. */
export { mainRegions, profileEndpoint, profileNames } from './sdk-configuration.ts';
