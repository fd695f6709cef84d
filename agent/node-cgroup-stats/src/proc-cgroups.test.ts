import { expect, it } from 'vitest';
import { disabledControllers } from './proc-cgroups.ts';

const heading = '#subsys_name\thierarchy\tnum_cgroups\tenabled\n';

it('disabledControllers() names what is turned off', () => {
  const text = `${heading}cpuset\t3\t1\t1\nmemory\t0\t117\t0\ncpuacct\t2\t305\t1\n`;
  expect(disabledControllers(text)).toEqual(['memory']);
});

it.each(['', heading, 'memory 0 117 0', 'memory\t0\t117', 'memory\tx\t117\t0', 'memory\t0\t117\t0\tmore'])(
  'disabledControllers() of %j is empty',
  (text) => expect(disabledControllers(text)).toEqual([]),
);
