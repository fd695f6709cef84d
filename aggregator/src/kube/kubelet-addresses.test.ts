import { expect, test } from 'vitest';
import { KubeletAddresses, type KubeletNode } from './kubelet-addresses.ts';

const node = (name: string, address: string, port?: number): KubeletNode => ({
  metadata: { name },
  status: {
    addresses: [{ type: 'InternalIP', address }],
    ...(port !== undefined && { daemonEndpoints: { kubeletEndpoint: { Port: port } } }),
  },
});

test('KubeletAddresses tells addresses and port of each node, the same object until they change', () => {
  const kubelets = new KubeletAddresses();
  kubelets.replace([node('n1', '10.0.0.1', 10_250), node('n2', '10.0.0.2')]);
  const before = kubelets.of('n1');
  expect(before).toEqual({
    name: 'n1',
    addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
    kubeletPort: 10_250,
  });
  expect(kubelets.of('n2')).not.toHaveProperty('kubeletPort');
  kubelets.set(node('n1', '10.0.0.1', 10_250));
  expect(kubelets.of('n1')).toBe(before);
  kubelets.set(node('n1', '10.0.0.9', 10_250));
  expect(kubelets.of('n1')).not.toBe(before);
});

test('KubeletAddresses forgets nodes that are gone, and makes up no port of a node that has none', () => {
  const kubelets = new KubeletAddresses();
  kubelets.replace([node('n1', '10.0.0.1'), node('n2', '10.0.0.2', 0), { metadata: { name: 'n3' } }]);
  expect(kubelets.of('n2')).not.toHaveProperty('kubeletPort');
  expect(kubelets.of('n3')).toEqual({ name: 'n3', addresses: [] });
  kubelets.remove(node('n1', '10.0.0.1'));
  kubelets.replace([node('n2', '10.0.0.2')]);
  expect(['n1', 'n2', 'n3'].map((name) => kubelets.of(name)?.name)).toEqual([undefined, 'n2', undefined]);
});
