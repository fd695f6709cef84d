import * as fc from 'fast-check';
import { it } from 'vitest';
import { neverThrows, roundTrips } from '../test/mountinfo-properties.ts';

const LINE = '33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n';

it('parseMountinfo() gives back any mounts', () => roundTrips(100_000));

it('parseMountinfo() accounts for every line of rubbish', () => {
  fc.assert(neverThrows(LINE.repeat(3)), { numRuns: 100_000 });
});
