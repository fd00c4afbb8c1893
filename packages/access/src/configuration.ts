/** How the SDK is configured, for those who make clients of their own. */
export {
  configuredEndpoint,
  mainRegions,
  namesByPath,
  profileEndpoint,
  profileNames,
} from './sdk-configuration.ts';
