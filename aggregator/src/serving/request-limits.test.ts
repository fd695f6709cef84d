import { expect, test } from 'vitest';
import { clientOverrun, rawAnswer } from './client-error.ts';
import { deadlinePassed, requestDeadlineMs } from './deadline.ts';
import { checkUrl } from './request-limits.ts';

const limits = { pathBytes: 8, queryBytes: 4 };

test.each(['/1234567', '/1234567?1234', '/?', '/?1?3'])('checkUrl() lets %s pass', (url) => {
  expect(checkUrl(url, limits)).toBeUndefined();
});

test.each([
  ['/12345678', 'path-size', 'the path of the request is too long: expected at most 8 bytes, found 9'],
  ['/12345678?12345', 'path-size', 'the path of the request is too long: expected at most 8 bytes, found 9'],
  ['/?12345', 'query-size', 'the query of the request is too long: expected at most 4 bytes, found 5'],
])('checkUrl() refuses %s as %s', (url, reason, message) => {
  expect(checkUrl(url, limits)).toMatchObject({ reason, status: { code: 414, message } });
});

test.each([
  ['HPE_HEADER_OVERFLOW', 'header-size', 431],
  ['ERR_HTTP_REQUEST_TIMEOUT', 'slow-request', 408],
  ['HPE_INVALID_METHOD', 'malformed', 400],
  [undefined, 'malformed', 400],
])('clientOverrun() takes %s for %s', (code, reason, status) => {
  expect(clientOverrun(code)).toMatchObject({ reason, status: { code: status } });
});

test('rawAnswer() is a whole HTTP/1.1 answer whose body is a Status', () => {
  const answer = rawAnswer({ code: 431, reason: 'RequestEntityTooLarge', message: 'größer' });
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head.split('\r\n')).toEqual([
    'HTTP/1.1 431 Request Header Fields Too Large',
    'Cache-Control: no-cache, private',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]);
  expect(JSON.parse(body)).toMatchObject({ kind: 'Status', apiVersion: 'v1', code: 431, message: 'größer' });
});

test.each([
  ['', 60_000],
  ['timeout=', 60_000],
  ['timeout=1500ms', 1_500],
  ['timeout=0s', 60_000],
  ['timeout=-1s', 60_000],
  ['timeout=2h', 60_000],
  ['timeout=abc', 60_000],
  ['timeout=1s&timeout=2s', 1_000],
])('requestDeadlineMs() of %s is %d', (query, deadlineMs) => {
  expect(requestDeadlineMs(new URLSearchParams(query), 60_000)).toBe(deadlineMs);
});

test('deadlinePassed() is the answer of apiserver’s timeout filter', () => {
  expect(deadlinePassed()).toMatchObject({
    status: 504,
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    body:
      '{"metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted timeout",' +
      '"reason":"Timeout","details":{},"code":504}\n',
  });
});
