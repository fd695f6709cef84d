import { expect, test } from 'vitest';
import { NodeCapacities } from './node-capacities.ts';

const node = (name: string, capacity?: object) => ({
  metadata: { name },
  status: { ...(capacity !== undefined && { capacity: { ...capacity } }) },
});

test('NodeCapacities.of() tells what the watch last told of a node', () => {
  const capacities = new NodeCapacities();
  capacities.replace([node('n1', { cpu: '4', memory: '8Gi' }), node('n2', { cpu: '1500m' })]);
  expect(capacities.of('n1')).toEqual({ cpuNanocores: 4e9, memoryBytes: 8 * 2 ** 30 });
  expect(capacities.of('n2')).toEqual({ cpuNanocores: 1.5e9, memoryBytes: undefined });
  capacities.set(node('n1', { cpu: '8', memory: '8Gi' }));
  expect(capacities.of('n1')?.cpuNanocores).toBe(8e9);
  capacities.remove(node('n1'));
  capacities.replace([]);
  expect([capacities.of('n1'), capacities.of('n2')]).toEqual([undefined, undefined]);
});

test('NodeCapacities takes zero, nothing and what is no quantity for not known', () => {
  const capacities = new NodeCapacities();
  const unknown = { cpuNanocores: undefined, memoryBytes: undefined };
  for (const each of [node('n1'), node('n1', { cpu: '0', memory: 'much' }), { metadata: { name: 'n1' } }]) {
    capacities.set(each);
    expect(capacities.of('n1')).toEqual(unknown);
  }
});
