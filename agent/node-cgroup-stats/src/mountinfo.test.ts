import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { neverThrows, roundTrips } from '../test/mountinfo-properties.ts';
import { parseMountinfo } from './mountinfo.ts';

const LINES = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
41 31 0:38 /../.. /sys/fs/cgroup/unified rw,relatime shared:10 master:3 - cgroup2 cgroup2 rw,nsdelegate
`;

it('parseMountinfo() reads mount point, type and super options, with any number of optional fields', () => {
  expect(parseMountinfo(LINES)).toEqual({
    mounts: [
      { mountPoint: '/sys/fs/cgroup', filesystemType: 'tmpfs', superOptions: ['rw', 'mode=755'] },
      {
        mountPoint: '/sys/fs/cgroup/cpu,cpuacct',
        filesystemType: 'cgroup',
        superOptions: ['rw', 'cpu', 'cpuacct'],
      },
      { mountPoint: '/sys/fs/cgroup/unified', filesystemType: 'cgroup2', superOptions: ['rw', 'nsdelegate'] },
    ],
    malformedLines: 0,
  });
});

it('parseMountinfo() decodes octal escapes in a mount point', () => {
  const { mounts } = parseMountinfo('1 2 0:3 / /mnt/a\\040b\\134c rw - cgroup cgroup rw,memory\n');
  expect(mounts[0]?.mountPoint).toBe('/mnt/a b\\c');
});

it('parseMountinfo() counts a line that it cannot read and keeps the others', () => {
  const { mounts, malformedLines } = parseMountinfo(`rubbish\n${LINES}36 35 98:0 / /mnt rw shared:1 ext4\n`);
  expect(mounts).toHaveLength(3);
  expect(malformedLines).toBe(2);
});

it('parseMountinfo() gives back any mounts', () => roundTrips(1000));

it('parseMountinfo() accounts for every line of rubbish', () => {
  fc.assert(neverThrows(LINES), { numRuns: 1000 });
});
