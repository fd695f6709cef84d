import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a page of another site had a browser ask this (Fetch Metadata, W3C). It could not read the answer, but take all
 * listeners of the events and make bundles through the port-forward of whoever looks at it. A link to the page at `/` may
 * be followed. A program, an address that was typed in and this endpoint's own page are no other site; nor is what comes
 * without these headers, which browsers send to https and to the loopback only.
 */
export function isFromOtherSite(path: string, headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== 'cross-site' && site !== 'same-site') return false;
  const isFollowedLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return !(isFollowedLink && path === '/');
}
