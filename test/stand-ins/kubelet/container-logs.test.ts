import { closeSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createContainerLogs } from './container-logs.ts';

const name = { namespace: 'ns', pod: 'p', uid: 'u', container: 'c', id: '0'.repeat(64), restartCount: 1 };
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('createContainerLogs() links to a log below a closed pods folder', () => {
  const logs = createContainerLogs(join(folder, 'log'));
  closeSync(logs.open(name));
  logs.link(name);
  const [link = ''] = readdirSync(logs.containersDir);
  expect(readlinkSync(join(logs.containersDir, link))).toBe(join(folder, 'log/pods/ns_p_u/c/1.log'));
  expect(statSync(join(folder, 'log/pods')).mode & 0o777).toBe(0o750);
});

test('createContainerLogs() removes one pod with its links, also twice, and no other', () => {
  const logs = createContainerLogs(join(folder, 'log'));
  for (const uid of ['u', 'u2']) {
    closeSync(logs.open({ ...name, uid }));
    logs.link({ ...name, uid, id: uid.padEnd(64, '0') });
  }
  logs.removePod(name);
  logs.removePod(name);
  expect(readdirSync(logs.containersDir)).toEqual([`p_ns_c-u2${'0'.repeat(62)}.log`]);
  expect(readdirSync(join(folder, 'log/pods'))).toEqual(['ns_p_u2']);
});
