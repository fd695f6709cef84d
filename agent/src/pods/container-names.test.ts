import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ContainerNames } from './container-names.ts';
import { parseLogLink, parseLogTarget } from './log-link.ts';

const id = '0123456789abcdef'.repeat(4);
const other = 'f'.repeat(64);
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tacho-names-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const link = (name: string, target: string) => symlinkSync(target, join(directory, name));

test('parseLogLink() takes dots and dashes in names', () => {
  expect(parseLogLink(`web-0.a_kube-system_side-car-${id}.log`)).toEqual({
    pod: 'web-0.a',
    namespace: 'kube-system',
    container: 'side-car',
    containerId: id,
  });
});

test.each([
  '',
  'a_b_c.log',
  `a_b-${id}.log`,
  `a_b_c_d-${id}.log`,
  `a_b_c-${id.slice(1)}.log`,
  `a_b_c-${id}.txt`,
])('parseLogLink() refuses "%s"', (name) => expect(parseLogLink(name)).toBeUndefined());

test.each(['/var/log/pods/ns_pod_uid/c/0.log.gz', '/var/log/pods/ns_pod/c/0.log', 'x/0.log', ''])(
  'parseLogTarget() refuses "%s"',
  (path) => expect(parseLogTarget(path)).toBeUndefined(),
);

test('ContainerNames.get() knows pod, UID, container and restart count though the target cannot be read', () => {
  link(`web_default_app-${id}.log`, '/nowhere/default_web_u-1/app/3.log');
  const names = new ContainerNames(directory);
  names.refresh();
  expect(names.get(id)).toEqual({
    namespace: 'default',
    pod: 'web',
    container: 'app',
    podUid: 'u-1',
    restartCount: 3,
    containerId: id,
    linkedAtMs: expect.closeTo(Date.now(), -4),
  });
});

test('ContainerNames.refresh() follows links that come and go', () => {
  link(`web_default_app-${id}.log`, '/p/default_web_u/app/0.log');
  const names = new ContainerNames(directory);
  names.refresh();
  rmSync(join(directory, `web_default_app-${id}.log`));
  link(`web_default_app-${other}.log`, '/p/default_web_u/app/1.log');
  names.refresh();
  expect(names.get(id)).toBeUndefined();
  expect(names.get(other)?.restartCount).toBe(1);
});

test('ContainerNames.refresh() does not name a link whose target tells another story, nor plain files', () => {
  link(`web_default_app-${id}.log`, '/p/default_evil_u/app/0.log');
  writeFileSync(join(directory, `web_default_app-${other}.log`), '');
  mkdirSync(join(directory, 'directory'));
  const names = new ContainerNames(directory);
  names.refresh();
  expect([names.get(id), names.get(other), names.problem]).toEqual([undefined, undefined, undefined]);
});

test('ContainerNames.refresh() says why the directory cannot be read and keeps what it knew', () => {
  link(`web_default_app-${id}.log`, '/p/default_web_u/app/0.log');
  const names = new ContainerNames(directory);
  names.refresh();
  rmSync(directory, { recursive: true });
  names.refresh();
  expect(names.problem).toMatch(/cannot list .*ENOENT/);
  expect(names.get(id)?.pod).toBe('web');
});
