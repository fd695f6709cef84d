import type { Goal } from './figures.ts';
import { rareLabel, smallNamespace } from './list-workloads.ts';

/** One request that is measured. */
export interface ListCase {
  readonly name: string;
  readonly path: string;
  readonly accept: string;
  readonly gzip?: boolean;
  /** Whether the reports know swap. */
  readonly swap?: boolean;
  /** Server CPU in milliseconds, for the largest cluster. */
  readonly cpuMs?: number;
}

const version = '/apis/metrics.k8s.io/v1beta1';
const pods = `${version}/pods`;
const json = 'application/json';
const protobuf = 'application/vnd.kubernetes.protobuf';
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

export const listCases: readonly ListCase[] = [
  { name: 'all pods, JSON', path: pods, accept: json, cpuMs: 200 },
  { name: 'all pods, JSON, gzip', path: pods, accept: json, gzip: true },
  { name: 'all pods, JSON, with swap', path: pods, accept: json, swap: true },
  { name: 'all pods, protobuf', path: pods, accept: protobuf, cpuMs: 150 },
  { name: 'all pods, protobuf, gzip', path: pods, accept: protobuf, gzip: true },
  { name: 'all pods, Table', path: pods, accept: table },
  { name: 'all pods, Table, gzip', path: pods, accept: table, gzip: true },
  { name: 'nodes', path: `${version}/nodes`, accept: json, cpuMs: 4 },
  { name: 'namespace of 100 pods', path: `${version}/namespaces/${smallNamespace}/pods`, accept: json },
  {
    name: 'label selector, 2 % of the pods',
    path: `${pods}?labelSelector=${encodeURIComponent(rareLabel)}`,
    accept: json,
    cpuMs: 15,
  },
];

/** For the largest cluster. */
export const stallGoal: Goal = { atMost: 20 };
export const getGoals = { rate: { atLeast: 6_000 }, cpuUsec: { atMost: 160 } } as const;

/** Where one pod is. */
export function podPath(name: string): string {
  return `${version}/namespaces/${smallNamespace}/pods/${name}`;
}
