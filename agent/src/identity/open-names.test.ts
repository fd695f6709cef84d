import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiNames } from './api-names.ts';
import { openNames } from './open-names.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-names-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const deps = { log: pino({ level: 'silent' }), wallMs: () => 0, sleep: async () => undefined };
const open = (options: Partial<Parameters<typeof openNames>[0]>) =>
  openNames(
    {
      identity: 'auto',
      containerLogs: folder,
      nodeName: 'n1',
      kubeconfig: undefined,
      inPod: true,
      ...options,
    },
    deps,
  ).source;
const kindOf = (options: Parameters<typeof open>[0]) => (open(options) instanceof ApiNames ? 'api' : 'logs');

test.each([
  { why: 'the links can be read', options: {}, kind: 'logs' },
  { why: 'there are no links', options: { containerLogs: '/none' }, kind: 'api' },
  { why: 'nobody can be asked either', options: { containerLogs: '/none', inPod: false }, kind: 'logs' },
  {
    why: 'a kubeconfig is given',
    options: { containerLogs: '/none', inPod: false, kubeconfig: 'k' },
    kind: 'api',
  },
])('openNames() with --identity=auto takes $kind where $why', ({ options, kind }) =>
  expect(kindOf(options)).toBe(kind),
);

test('openNames() takes what it is told', () => {
  expect(kindOf({ identity: 'api' })).toBe('api');
  expect(kindOf({ identity: 'logs', containerLogs: '/none' })).toBe('logs');
});

test('openNames() outside of a pod cannot ask the API without a kubeconfig, and says so', () => {
  expect(() => open({ identity: 'api', inPod: false })).toThrow('--kubeconfig');
});

test('openNames() with a kubeconfig that cannot be read ends with the reason', async () => {
  const { run } = openNames(
    {
      identity: 'api',
      containerLogs: folder,
      nodeName: 'n1',
      kubeconfig: join(folder, 'none'),
      inPod: false,
    },
    deps,
  );
  await expect(run(new AbortController().signal)).rejects.toThrow(/ENOENT.*none/);
});
