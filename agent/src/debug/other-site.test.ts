import { expect, test } from 'vitest';
import { isFromOtherSite } from './other-site.ts';

const sent = (site: string | undefined, mode = 'no-cors', dest = 'empty') => ({
  ...(site === undefined ? {} : { 'sec-fetch-site': site }),
  'sec-fetch-mode': mode,
  'sec-fetch-dest': dest,
});

test.each([
  ['what is loaded from there', '/debug/events', sent('cross-site')],
  ['another port of localhost', '/debug/events', sent('same-site', 'cors')],
  ['a picture', '/', sent('cross-site', 'no-cors', 'image')],
  ['the page in a frame', '/', sent('cross-site', 'navigate', 'iframe')],
  ['a link to a download', '/debug/bundle', sent('cross-site', 'navigate', 'document')],
])('isFromOtherSite() is true of %s', (_what, path, headers) => {
  expect(isFromOtherSite(path, headers)).toBe(true);
});

test.each([
  ['a program', '/debug/bundle', {}],
  ['Node’s fetch', '/debug/state', sent(undefined, 'cors')],
  ['the page itself', '/debug/events', sent('same-origin', 'cors')],
  ['an address that was typed in', '/debug/bundle', sent('none', 'navigate', 'document')],
  ['a link to the page', '/', sent('cross-site', 'navigate', 'document')],
  ['a link to the page from another port', '/', sent('same-site', 'navigate', 'document')],
])('isFromOtherSite() is false of %s', (_what, path, headers) => {
  expect(isFromOtherSite(path, headers)).toBe(false);
});
