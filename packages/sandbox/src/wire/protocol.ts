/** How a service's calls travel. */
export type Protocol = 'rest-xml' | 'query' | 'json';
