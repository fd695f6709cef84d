import { expect, test } from 'vitest';
import { linkedContainerId, parseLogTarget } from './log-link.ts';

const id = '0123456789abcdef'.repeat(4);
const web = { namespace: 'default', pod: 'web', container: 'app' };

test('parseLogTarget() takes dots and dashes in names', () => {
  expect(parseLogTarget('/var/log/pods/kube-system_web-0.a_u-1/side-car/12.log')).toEqual({
    namespace: 'kube-system',
    pod: 'web-0.a',
    podUid: 'u-1',
    container: 'side-car',
    restartCount: 12,
  });
});

test.each([
  '/var/log/pods/ns_pod_uid/c/0.log.gz',
  '/var/log/pods/ns_pod/c/0.log',
  'x/0.log',
  '',
  '/a_b_c_d/e/0.log',
])('parseLogTarget() refuses "%s"', (path) => expect(parseLogTarget(path)).toBeUndefined());

test('linkedContainerId() of a whole name is the whole ID', () => {
  expect(linkedContainerId(`web_default_app-${id}.log`, web)).toEqual({ digits: id, isWhole: true });
});

test.each([
  '',
  '.log',
  'web_default_app-.log',
  `web_default_app-${id.slice(1)}.log`,
  `web_default_app-${id}0.log`,
  `web_default_app-${id}.txt`,
  `web_default_application-${id}.log`,
  `web_other_app-${id}.log`,
  `web2_default_app-${id}.log`,
  `web_default_app-${id.toUpperCase()}.log`,
])('linkedContainerId() refuses "%s"', (name) => expect(linkedContainerId(name, web)).toBeUndefined());

test.each([
  { podLength: 187 - 2 - 7 - 4, digits: 64 },
  { podLength: 187 - 2 - 7 - 3, digits: 63 },
  { podLength: 187 + 55 - 2 - 7 - 3, digits: 8 },
  { podLength: 237, digits: 1 },
  { podLength: 238, digits: 0 },
  { podLength: 242, digits: 0 },
  { podLength: 253, digits: 0 },
])(
  'linkedContainerId() has $digits digits of a pod’s with $podLength letters in its name',
  ({ podLength, digits }) => {
    const of = { ...web, pod: 'p'.repeat(podLength) };
    const cut = `${of.pod}_default_app-${id}`.slice(0, 251);
    expect(linkedContainerId(`${cut}.log`, of)).toEqual({
      digits: id.slice(0, digits),
      isWhole: digits === 64,
    });
  },
);

test('linkedContainerId() refuses a cut name of another pod', () => {
  const of = { ...web, pod: `${'p'.repeat(250)}ab` };
  expect(linkedContainerId(`${'p'.repeat(250)}b.log`, of)).toBeUndefined();
});
