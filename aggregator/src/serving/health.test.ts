import { expect, test } from 'vitest';
import { allHealthPaths, type Health, respondHealth } from './health.ts';

const well = () => undefined;
const health: Health = { live: { ping: well }, ready: { 'watches-synced': well, shutdown: well } };
const ill: Health = {
  ...health,
  ready: { ...health.ready, 'watches-synced': () => 'pods are not there yet' },
};

const respond = (url: string, of = health) => {
  const [path = '', query] = url.split('?');
  return respondHealth({ path, query: new URLSearchParams(query) }, of);
};

test('respondHealth() of a healthy server is ok and nothing else', () => {
  expect(respond('/readyz')).toEqual({
    status: 200,
    headers: {
      'Cache-Control': 'no-cache, private',
      'Content-Type': 'text/plain; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
    },
    body: 'ok',
  });
});

test.each([
  ['/healthz?verbose', '[+]ping ok\nhealthz check passed\n'],
  ['/livez?verbose=false', '[+]ping ok\nlivez check passed\n'],
  ['/readyz?verbose', '[+]ping ok\n[+]watches-synced ok\n[+]shutdown ok\nreadyz check passed\n'],
  ['/readyz?exclude=shutdown', 'ok'],
  [
    '/readyz?verbose&exclude=shutdown&exclude=ping',
    '[+]ping excluded: ok\n[+]watches-synced ok\n[+]shutdown excluded: ok\nreadyz check passed\n',
  ],
  [
    '/livez?verbose&exclude=x&exclude=a%22&exclude=x',
    '[+]ping ok\nwarn: some health checks cannot be excluded: no matches for "a\\"","x"\nlivez check passed\n',
  ],
])('respondHealth() of %s is what Kubernetes’ servers say', (url, body) => {
  expect(respond(url)).toMatchObject({ status: 200, body });
});

test.each(['', '?verbose'])(
  'respondHealth() of an ill server names each check and no reason (%s)',
  (query) => {
    expect(respond(`/readyz${query}`, ill)).toMatchObject({
      status: 500,
      body: '[+]ping ok\n[-]watches-synced failed: reason withheld\n[+]shutdown ok\nreadyz check failed\n',
    });
  },
);

test('respondHealth() passes where the only ill check is excluded, and does not look at it', () => {
  const ready = { bad: (): string => expect.unreachable('an excluded check was asked') };
  expect(respond('/readyz?exclude=bad', { live: health.live, ready })).toMatchObject({
    status: 200,
    body: 'ok',
  });
});

test('respondHealth() of a single check tells its reason', () => {
  expect(respond('/readyz/ping', ill)).toEqual({
    status: 200,
    headers: { 'Cache-Control': 'no-cache, private', 'Content-Type': 'text/plain; charset=utf-8' },
    body: 'ok',
  });
  expect(respond('/readyz/watches-synced', ill)).toMatchObject({
    status: 500,
    headers: { 'X-Content-Type-Options': 'nosniff' },
    body: 'internal server error: pods are not there yet\n',
  });
});

test.each([
  '/readyz/',
  '/readyz/nothing',
  '/livez/shutdown',
  '/readyzz',
  '/',
  '/readyz/toString',
  '/readyz/ping/',
])('respondHealth() knows nothing of %s', (path) => {
  expect(respond(path)).toBeUndefined();
});

test('allHealthPaths() lists each path and each check below it', () => {
  expect(allHealthPaths(health)).toEqual([
    ...['/healthz', '/healthz/ping', '/livez', '/livez/ping'],
    ...['/readyz', '/readyz/ping', '/readyz/watches-synced', '/readyz/shutdown'],
  ]);
});
