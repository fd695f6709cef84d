import { expect, test } from 'vitest';
import { statusProblem } from './pull-problem.ts';

test.each([
  [401, 'it needs --authentication-token-webhook'],
  [403, 'may not get nodes/metrics'],
  [404, 'look at the address and at --kubelet-port'],
  [307, 'no kubelet redirects'],
])('statusProblem(%d) says how to mend it', (status, words) => {
  const { reason, message } = statusProblem(status);
  expect({ reason, message }).toEqual({ reason: 'status', message: expect.stringContaining(words) });
  expect(message).toContain(`it answered ${status}: `);
});

test('statusProblem() of a status that nobody knows says the status alone', () => {
  expect(statusProblem(418).message).toBe('it answered 418');
});
