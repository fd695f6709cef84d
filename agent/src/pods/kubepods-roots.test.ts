import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { KubepodsRoots } from './kubepods-roots.ts';

let hierarchy = '';
afterEach(() => rmSync(hierarchy, { recursive: true, force: true }));

test('KubepodsRoots says once that there are no pods’ cgroups, and when some have come', () => {
  hierarchy = mkdtempSync(join(tmpdir(), 'tacho-roots-'));
  const said: string[] = [];
  const log = pino({}, { write: (line) => void said.push((JSON.parse(line) as { msg: string }).msg) });
  const roots = new KubepodsRoots(hierarchy, [], log);
  expect([roots.look(), roots.look()]).toEqual([[], []]);
  expect(said).toEqual([expect.stringContaining('no pods’ cgroups on this machine')]);
  expect(roots.notReported()).toMatchObject([{ code: 'no-kubepods' }]);
  mkdirSync(join(hierarchy, 'kubepods'));
  expect(roots.look()).toEqual(['/kubepods']);
  expect(said.slice(1)).toEqual(['found the pods’ cgroups']);
});
