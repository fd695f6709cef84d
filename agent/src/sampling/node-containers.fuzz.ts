import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { directory, slice } from '../layout/fixture-layout.ts';
import { ContainerNames } from '../pods/container-names.ts';
import { containerIds, damaged } from '../pods/fixture-names.ts';
import { NodeContainers } from './node-containers.ts';

const containers = fc.record({
  id: containerIds,
  prefix: fc.constantFrom('cri-containerd-', 'docker-', 'crio-'),
  name: fc.stringMatching(/^[a-z]{1,8}$/),
  /** What of its link is wrong; `none`: it has no link. */
  link: fc.constantFrom('right', 'none', 'name', 'target', 'both'),
  below: fc.array(fc.constantFrom('init.scope', 'container', 'kubepods', 'docker', 'x'), { maxLength: 3 }),
});
const pods = fc.record({
  uid: fc.uuid(),
  name: fc.stringMatching(/^[a-z]{1,8}(-[0-9])?$/),
  qos: fc.constantFrom('guaranteed', 'burstable', 'besteffort'),
  isSystemd: fc.boolean(),
  containers: fc.array(containers, { maxLength: 4 }),
});
const nodes = fc.record({
  pods: fc.array(pods, { maxLength: 5 }),
  strays: fc.array(
    damaged(fc.constantFrom('kubepods', 'kubepods.slice', 'kubepods/burstable', 'system.slice/a.service')),
    {
      maxLength: 4,
    },
  ),
  /** Two texts that damage names and targets. */
  noise: fc.tuple(damaged(fc.constant('')), damaged(fc.constant('_'))),
});
type Node = typeof nodes extends fc.Arbitrary<infer Value> ? Value : never;

const isPath = (text: string) =>
  text.split('/').every((part) => part !== '..' && Buffer.byteLength(part) < 256);

/** @returns of each container ID, whose it really is */
function build(folder: string, { pods, strays, noise }: Node): Map<string, string> {
  const owners = new Map<string, string>();
  mkdirSync(join(folder, 'logs'));
  for (const stray of strays) {
    const path = stray.replaceAll('\0', '');
    if (isPath(path)) mkdirSync(join(folder, 'cgroup', path), { recursive: true });
  }
  for (const pod of pods) {
    const podPath = pod.isSystemd ? slice(pod.qos, pod.uid) : directory(pod.qos, pod.uid);
    for (const { id, prefix, name, link, below } of pod.containers) {
      const leaf = pod.isSystemd ? `${prefix}${id}.scope` : id;
      mkdirSync(join(folder, 'cgroup', podPath, leaf, ...below), { recursive: true });
      owners.set(id, `${pod.name}/${name} ${pod.uid}`);
      if (link === 'none') continue;
      const wrong = (text: string, isWrong: boolean) =>
        (isWrong ? `${noise[0]}${text.slice(1)}${noise[1]}` : text).replaceAll('\0', '');
      const linkName = wrong(`${pod.name}_default_${name}-${id}.log`, link === 'name' || link === 'both');
      const target = wrong(
        `/p/default_${pod.name}_${pod.uid}/${name}/0.log`,
        link === 'target' || link === 'both',
      );
      if (!linkName.includes('/') && isPath(linkName)) symlinkSync(target, join(folder, 'logs', linkName));
    }
  }
  return owners;
}

it('NodeContainers gives no container another’s name, and each that is linked well its own', () =>
  fc.assert(
    fc.property(nodes, (node) => {
      const ids = node.pods.flatMap((pod) => pod.containers.map(({ id }) => id));
      fc.pre(
        new Set(ids).size === ids.length &&
          new Set(node.pods.map(({ uid }) => uid)).size === node.pods.length,
      );
      const folder = mkdtempSync(join(tmpdir(), 'tacho-fuzz-'));
      try {
        const owners = build(folder, node);
        const found = new NodeContainers(
          { hierarchy: join(folder, 'cgroup'), kubepodsPaths: [], containerLogs: join(folder, 'logs') },
          pino({ level: 'silent' }),
          // Of a directory that has long been still: what a look has seen stays.
          { names: new ContainerNames(join(folder, 'logs'), () => Date.now() + 10_000) },
        );
        found.cgroups();
        const named = new Map<string, string>();
        for (const cgroup of found.cgroups()) {
          const { containerId, podUid } = cgroup;
          const name = found.name(cgroup);
          if (name === undefined) continue;
          expect(name.podUid).toBe(podUid);
          named.set(containerId, `${name.pod}/${name.container} ${name.podUid}`);
        }
        for (const [id, owner] of named) expect(owner).toBe(owners.get(id));
        const linked = node.pods.flatMap((pod) => pod.containers.filter(({ link }) => link === 'right'));
        for (const { id } of linked) expect(named.has(id)).toBe(true);
        expect(found.notReported().length).toBeGreaterThanOrEqual(owners.size - named.size);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: 1_000 },
  ));
