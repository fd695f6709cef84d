import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  containerId,
  isKubepodsRoot,
  isQosDirectory,
  kataSandboxId,
  mismatchedContainer,
  podUid,
} from './cgroup-name.ts';
import { containerIds, damaged, podUids } from './fixture-names.ts';

const numRuns = 100_000;
const roots = fc.constantFrom('', 'kubelet-', 'a_b-c-');
const qosClasses = fc.constantFrom('', 'burstable-', 'besteffort-');
const slices = fc
  .tuple(roots, qosClasses, podUids)
  .map(([root, qos, uid]) => `${root}kubepods-${qos}pod${uid.replaceAll('-', '_')}.slice`);
const prefixes = fc.constantFrom(
  '',
  'cri-containerd-',
  'crio-',
  'docker-',
  'crio-conmon-',
  'kata_',
  'libpod-',
);
const containers = fc
  .tuple(prefixes, containerIds, fc.constantFrom('', '.scope'))
  .map((parts) => parts.join(''));
const anything = fc.oneof(fc.string(), damaged(slices), damaged(containers), slices, containers);

it('podUid() gives back the UID from what either driver makes of it', () =>
  fc.assert(
    fc.property(roots, qosClasses, podUids, (root, qos, uid) => {
      const slice = `${root}kubepods-${qos}pod${uid.replaceAll('-', '_')}.slice`;
      expect([podUid(slice), podUid(`pod${uid}`)]).toEqual([uid, uid]);
      expect([isKubepodsRoot(slice), isQosDirectory(slice)]).toEqual([false, false]);
    }),
    { numRuns },
  ));

it('no name is two of kubepods root, QoS class, pod, container, virtual machine and mismatched container', () =>
  fc.assert(
    fc.property(anything, anything, (name, parent) => {
      const kinds = [
        isKubepodsRoot(name),
        isQosDirectory(name),
        podUid(name) !== undefined,
        containerId(name, parent) !== undefined,
        kataSandboxId(name) !== undefined,
        mismatchedContainer(name) !== undefined,
      ];
      expect(kinds.filter(Boolean).length).toBeLessThanOrEqual(1);
    }),
    { numRuns },
  ));

it('containerId() gives 64 digits that end the name, and never conmon’s', () =>
  fc.assert(
    fc.property(anything, anything, (name, parent) => {
      const id = containerId(name, parent);
      if (id === undefined) return;
      expect(id).toMatch(/^[0-9a-f]{64}$/);
      expect(name.replace(/\.scope$/, '').endsWith(id)).toBe(true);
      expect(name.startsWith('crio-conmon-')).toBe(false);
    }),
    { numRuns },
  ));

it('mismatchedContainer() gives back pod and container', () =>
  fc.assert(
    fc.property(slices, containerIds, (slice, id) => {
      const found = mismatchedContainer(`${slice}:cri-containerd:${id}`);
      expect(found).toEqual({ podUid: podUid(slice), containerId: id });
    }),
    { numRuns: 20_000 },
  ));
