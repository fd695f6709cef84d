import { expect, test } from 'vitest';
import { logLinkName, logTarget } from './container-log-path.ts';

const id = 'ab'.repeat(32);
const name = { namespace: 'ns', pod: 'p-1', uid: 'u-1', container: 'main', id, restartCount: 3 };

test('logLinkName() joins pod, namespace, container and ID as the kubelet does', () => {
  expect(logLinkName(name)).toBe(`p-1_ns_main-${id}.log`);
});

test('logLinkName() cuts the ID of a name longer than 255 characters and keeps the suffix', () => {
  const link = logLinkName({ ...name, pod: 'p'.repeat(253) });
  expect(link).toHaveLength(255);
  expect(link.endsWith('.log')).toBe(true);
});

test('logTarget() carries the UID and the restart count', () => {
  expect(logTarget(name)).toBe('ns_p-1_u-1/main/3.log');
});
