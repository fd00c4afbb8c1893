/** How the SDK is configured, for those who make clients of their own. */
export {
  configuredEndpoint,
  defaultChain,
  mainRegions,
  namesByPath,
  profileEndpoint,
  profileNames,
  requireProfile,
} from './sdk-configuration.ts';
