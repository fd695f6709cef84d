/**
 * What node:http grants a client of either endpoint, in bytes and milliseconds: requests are short and have no bodies, and
 * each connection that is held takes a place from another one.
 */
export const httpBounds = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const;
