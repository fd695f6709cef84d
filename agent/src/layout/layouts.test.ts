import { pino } from 'pino';
import { expect, test } from 'vitest';
import { NodeContainers } from '../sampling/node-containers.ts';
import { distributions } from './fixture-distributions.ts';
import { buildLayout, type Fate, type LayoutFixture } from './fixture-layout.ts';
import { oddLayouts } from './fixture-odd-layouts.ts';

const isNamed = (fate: Fate): fate is `${string}/${string}` => typeof fate === 'string' && fate.includes('/');
const codeOf = (fate: Fate) => (typeof fate === 'object' ? fate.code : fate);

/** What comes out, as lines that a difference can be read from. */
function outcome(fixture: LayoutFixture): { readonly reported: string[]; readonly notReported: string[] } {
  const { hierarchy, containerLogs, inode, remove } = buildLayout(fixture);
  try {
    const containers = new NodeContainers(
      { hierarchy, containerLogs, kubepodsPaths: fixture.kubepodsPaths ?? [] },
      pino({ level: 'silent' }),
      { inode },
    );
    const reported = containers.cgroups().flatMap((cgroup) => {
      const named = containers.name(cgroup);
      return named === undefined ? [] : [`${cgroup.path} is ${named.pod}/${named.container}`];
    });
    const notReported = containers
      .notReported()
      .map(({ code, cgroupPath, containerId }) =>
        containerId === undefined ? code : `${cgroupPath} is ${code}`,
      );
    return { reported: reported.sort(), notReported: notReported.sort() };
  } finally {
    remove();
  }
}

test.each([...distributions, ...oddLayouts])(
  'NodeContainers has exactly the containers of: $name ($version)',
  (fixture) => {
    const reported = fixture.cgroups.flatMap(([path, fate]) => (isNamed(fate) ? [`${path} is ${fate}`] : []));
    const notReported = fixture.cgroups.flatMap(([path, fate]) =>
      isNamed(fate) || fate === 'ignored' || fate === 'stale' ? [] : [`${path} is ${codeOf(fate)}`],
    );
    expect(outcome(fixture)).toEqual({
      reported: reported.sort(),
      notReported: [...notReported, ...(fixture.alsoNotReported ?? [])].sort(),
    });
  },
);
