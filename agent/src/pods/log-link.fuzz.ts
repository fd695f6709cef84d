import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CutLink, certainMatches } from './cut-link.ts';
import { containerIds, containerName, damaged, namespaceName, podName, podUids } from './fixture-names.ts';
import { type LogTarget, linkedContainerId, parseLogTarget } from './log-link.ts';

const numRuns = 100_000;

const targets: fc.Arbitrary<LogTarget> = fc.record({
  namespace: namespaceName,
  pod: podName,
  container: containerName,
  podUid: podUids,
  restartCount: fc.nat(999_999_999),
});

const path = (of: LogTarget) =>
  `/var/log/pods/${of.namespace}_${of.pod}_${of.podUid}/${of.container}/${of.restartCount}.log`;
/** As the kubelet makes it: no longer than 255 characters. */
const name = (of: LogTarget, id: string) =>
  `${`${of.pod}_${of.namespace}_${of.container}-${id}`.slice(0, 251)}.log`;

it('parseLogTarget() and linkedContainerId() give back whatever the kubelet has linked', () =>
  fc.assert(
    fc.property(targets, containerIds, (of, id) => {
      expect(parseLogTarget(path(of))).toEqual(of);
      const linked = linkedContainerId(name(of, id), of);
      expect(id.startsWith(linked?.digits ?? 'none')).toBe(true);
      expect(linked?.isWhole).toBe(linked?.digits.length === 64);
    }),
    { numRuns },
  ));

it('linkedContainerId() gives a whole ID only for the very name that the kubelet would make', () =>
  fc.assert(
    fc.property(
      targets.chain((of) =>
        fc.record({
          of: fc.constant(of),
          link: containerIds.chain((id) => damaged(fc.constant(name(of, id)))),
        }),
      ),
      ({ of, link }) => {
        const linked = linkedContainerId(link, of);
        if (linked?.isWhole) expect(link).toBe(name(of, linked.digits));
        else if (linked !== undefined) expect(link).toHaveLength(255);
      },
    ),
    { numRuns },
  ));

it('a name and a target of different containers name nothing', () =>
  fc.assert(
    fc.property(targets, targets, containerIds, (of, other, id) => {
      fc.pre(of.pod !== other.pod || of.namespace !== other.namespace || of.container !== other.container);
      const linked = linkedContainerId(name(of, id), other);
      // Two names that are cut before they differ: without digits, which names nothing either.
      expect(linked?.digits ?? '').toBe('');
    }),
    { numRuns },
  ));

it('parseLogTarget() takes any text, and what it takes is in the text', () =>
  fc.assert(
    fc.property(fc.oneof(fc.string(), damaged(targets.map(path))), (text) => {
      const of = parseLogTarget(text);
      if (of === undefined) return;
      const { namespace, pod, podUid, container } = of;
      expect(text).toContain(`${namespace}_${pod}_${podUid}/${container}/`);
    }),
    { numRuns },
  ));

/** Containers of some pods, each with as much of its ID as its link has kept; some have ended. */
const nodes = fc.array(
  fc.record({
    podUid: fc.constantFrom('u1', 'u2', 'u3'),
    id: containerIds,
    digits: fc.nat(63),
    isLinked: fc.boolean(),
    isRunning: fc.boolean(),
  }),
  { maxLength: 12 },
);

it('certainMatches() gives each cut link its own container or none', () =>
  fc.assert(
    fc.property(nodes, (containers) => {
      // Two IDs of 64 digits that begin alike in 8 come once in 4 billion.
      fc.pre(new Set(containers.map(({ id }) => id.slice(0, 8))).size === containers.length);
      const cgroups = containers
        .filter(({ isRunning }) => isRunning)
        .map(({ podUid, id }) => ({ path: `/${id}`, podUid, containerId: id }));
      const truth = new Map<CutLink, string>();
      for (const { podUid, id, digits, isLinked } of containers) {
        const of = { namespace: 'n', pod: 'p', container: 'c', podUid, restartCount: 0 };
        if (isLinked) truth.set({ link: id, digits: id.slice(0, digits), of, linkedAtMs: 0 }, id);
      }
      const matches = certainMatches([...truth.keys()], cgroups);
      for (const [link, containerId] of matches) expect(containerId).toBe(truth.get(link));
      const certain = containers.filter(
        ({ digits, isLinked, isRunning }) => digits >= 8 && isLinked && isRunning,
      );
      expect(matches.size).toBe(certain.length);
    }),
    { numRuns: 20_000 },
  ));
