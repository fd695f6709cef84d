import type { SharedRequest } from './exchange.ts';
import { titleOf } from './exchange.ts';
import { documentRequests } from './requests/document-requests.ts';
import { identityRequests } from './requests/identity-requests.ts';
import { pathRequests } from './requests/path-requests.ts';
import { queryRequests } from './requests/query-requests.ts';
import { readRequests } from './requests/read-requests.ts';
import type { Targets } from './requests/targets.ts';

/** The groups of requests that a report tells apart, each request once. */
export const requestGroups = ['reads', 'queries', 'paths', 'documents', 'identities'] as const;
export type RequestGroup = (typeof requestGroups)[number];

/**
 * All that is compared, by group.
 * @param identities who may ask; see identities.ts
 */
export function requestsOf(
  groupName: RequestGroup,
  targets: Targets,
  identities: readonly string[],
): readonly SharedRequest[] {
  const made: Readonly<Record<RequestGroup, () => readonly SharedRequest[]>> = {
    reads: () => readRequests(targets),
    queries: () => queryRequests(targets),
    paths: () => pathRequests(targets),
    documents: documentRequests,
    identities: () => identityRequests(targets, identities),
  };
  return [...new Map(made[groupName]().map((request) => [titleOf(request), request])).values()];
}
