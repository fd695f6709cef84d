import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createCgroupTree } from 'node-cgroup-stats';
import type { ContainerCgroup } from '../../../agent/src/pods/kubepods-tree.ts';
import { PodCgroups } from '../../../agent/src/sampling/pod-cgroups.ts';
import { type ContainerSource, Sampler } from '../../../agent/src/sampling/sampler.ts';
import { createNodeSignals } from '../../../agent/src/state/node-signals.ts';
import type { KernelCgroup, KernelContext } from '../context.ts';
import type { KernelCheck } from './kernel-check.ts';
import { isV2 } from './opened-cgroup.ts';
import { WINDOW_USEC } from './sampled-node.ts';
import { until } from './until.ts';

const BIRTHS = 2_000;
const ALIVE = 20;
const SIGNALS_MS = 30_000;
const POD_UID = '6f0a1c52-8e9b-4d2f-9c1a-0f2d3b4c5d6e';

const openDescriptors = () => readdirSync('/proc/self/fd').length;
const idOf = (birth: number) => birth.toString(16).padStart(64, '0');

/** Containers that come and go in one pod: real cgroups without processes, since starting those takes longer than all else. */
class Nursery implements ContainerSource {
  readonly #made: KernelCgroup;
  readonly #pod = `kubepods/pod${POD_UID}`;
  #isClosed = false;
  readonly #alive = new Map<number, ContainerCgroup>();

  constructor(context: KernelContext, made: KernelCgroup) {
    this.#made = made;
    for (const dir of made.dirs) mkdirSync(join(dir, this.#pod), { recursive: true });
    if (!isV2(context)) return;
    for (const path of ['', 'kubepods', this.#pod])
      writeFileSync(made.file(join(path, 'cgroup.subtree_control')), '+cpu +memory');
  }

  bear(birth: number): void {
    const containerId = idOf(birth);
    for (const dir of this.#made.dirs) mkdirSync(join(dir, this.#pod, containerId));
    const path = `/${this.#made.path}/${this.#pod}/${containerId}`;
    this.#alive.set(birth, { path, podUid: POD_UID, containerId });
  }

  bury(birth: number): void {
    for (const dir of this.#made.dirs) rmdirSync(join(dir, this.#pod, idOf(birth)));
    this.#alive.delete(birth);
  }

  cgroups(): readonly ContainerCgroup[] {
    return [...this.#alive.values()];
  }

  gone(): void {}

  name({ containerId }: ContainerCgroup) {
    const nowMs = Date.now();
    return {
      ...{ namespace: 'default', pod: 'web', container: 'app', podUid: POD_UID, containerId },
      ...{ restartCount: Number.parseInt(containerId, 16), linkedAtMs: nowMs, startedAtMs: nowMs },
    };
  }

  /** May be called again. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const birth of [...this.#alive.keys()]) this.bury(birth);
    for (const dir of this.#made.dirs) for (const path of [this.#pod, 'kubepods']) rmdirSync(join(dir, path));
  }
}

const births: KernelCheck = {
  name: `agent: ${BIRTHS} births and deaths leave the number of descriptors as it was, and each container is read`,
  needs: ['cpu', 'memory'],
  async run(context) {
    const made = await context.makeCgroup('births');
    const nursery = new Nursery(context, made);
    const { layout } = context;
    const clock = { monotonicUsec: () => performance.now() * 1000, wallMs: () => Date.now() };
    const { signals, calls } = createNodeSignals({
      ...{ layout, cgroupRoot: '/sys/fs/cgroup', procRoot: '/proc', monotonicUsec: clock.monotonicUsec },
      nextTickUsec: () => Number.POSITIVE_INFINITY,
      containers: () => sampler.containers(),
    });
    const tree = createCgroupTree(layout, { monotonicUsec: clock.monotonicUsec, calls });
    const sampler = new Sampler({ tree, containers: nursery, cpus: cpus().length, ...clock });
    let nowUsec = 0;
    const podCgroups = new PodCgroups({ tree, monotonicUsec: () => nowUsec });
    const tick = () => {
      sampler.discover(WINDOW_USEC);
      sampler.sample(WINDOW_USEC);
      nowUsec += 5_000_000;
      podCgroups.read(sampler.containers(), WINDOW_USEC);
    };
    const readAll = () =>
      [...sampler.containers()].filter(({ track }) => track?.readings.readings().at(-1) !== undefined);
    try {
      const atFirst = openDescriptors();
      let steady = Number.NaN;
      const read = new Set<string>();
      for (let birth = 0; birth < BIRTHS; birth += 1) {
        nursery.bear(birth);
        if (birth >= ALIVE) nursery.bury(birth - ALIVE);
        // Half of them are new, half have gone since the tick before.
        if (birth % (ALIVE / 2) !== ALIVE / 2 - 1) continue;
        tick();
        for (const { cgroup } of readAll()) read.add(cgroup.containerId);
        if (birth === 2 * ALIVE - 1) steady = openDescriptors();
        if (birth >= 2 * ALIVE) assert.equal(openDescriptors(), steady);
      }
      assert.ok(steady > atFirst + ALIVE, 'expected descriptors for the containers that are there');
      assert.equal(read.size, BIRTHS);
      signals.look();
      await until(
        'signals of the last ones',
        () => signals.container(lastPath(nursery)) !== undefined,
        SIGNALS_MS,
      );
      assert.equal(openDescriptors(), steady);
      nursery.close();
      tick();
      assert.deepEqual([...sampler.containers()], []);
      sampler.close();
      podCgroups.close();
      assert.ok(openDescriptors() <= atFirst, 'expected all descriptors to be given back');
    } finally {
      signals.close();
      podCgroups.close();
      sampler.close();
      nursery.close();
      await made.remove();
    }
  },
};

const lastPath = (nursery: Nursery) => nursery.cgroups().at(-1)?.path ?? '';

export const agentBirthChecks: readonly KernelCheck[] = [births];
