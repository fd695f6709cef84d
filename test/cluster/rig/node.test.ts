import { expect, it } from 'vitest';
import { hasCgroupV1, parseNodes } from './node.ts';
import { mayLowerOomScores } from './node-files.ts';

it('parseNodes() makes kind and number of a name', () => {
  expect(parseNodes(['n1', 's2', 'v9'])).toEqual([
    { name: 'n1', number: 1, kernel: 'uml', cgroup: 'v2', driver: 'cgroupfs' },
    { name: 's2', number: 2, kernel: 'uml', cgroup: 'v2', driver: 'systemd' },
    { name: 'v9', number: 9, kernel: 'host', cgroup: 'v1', driver: 'cgroupfs' },
  ]);
});

it.each([
  [['x1'], 'x1'],
  [['n0'], 'n0'],
  [['n10'], 'n10'],
  [[''], '""'],
  [[], 'without nodes'],
  [['n1', 'v1'], 'another digit'],
])('parseNodes() refuses %j and names the reason', (names, reason) => {
  expect(() => parseNodes(names)).toThrow(reason);
});

it('hasCgroupV1() looks for a memory controller of its own', () => {
  const v1 = '34 30 0:29 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n';
  const v2 = '30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n';
  expect([hasCgroupV1(v1), hasCgroupV1(v2)]).toEqual([true, false]);
});

it('mayLowerOomScores() asks for CAP_SYS_RESOURCE', () => {
  expect(mayLowerOomScores('CapEff:\t000001ffffffffff\n')).toBe(true);
  expect(mayLowerOomScores('CapEff:\t00000000a80425fb\n')).toBe(false);
  expect(mayLowerOomScores('')).toBe(false);
});
