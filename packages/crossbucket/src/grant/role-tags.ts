/** Tags that say whose a role is. */
export const ROLE_TAGS = {
  grant: 'crossbucket:grant',
  owner: 'crossbucket:id',
  version: 'crossbucket:spec',
} as const;
