import type { NodeReport, Usage } from '@tacho/proto';
import { stampOf } from './stamp.ts';

/** A pod as a report names it. */
export interface NamedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

const pageBytes = 4_096;
const mostContainerCores = 0.2;
const mostContainerPages = 100_000;
const mostNodePages = 10_000_000;

/** What one node reports, over and over with other values. The names stay, as a node's pods do. */
export class AgentReport {
  readonly #report: NodeReport;
  readonly #stamped: Usage;
  readonly #random: () => number;

  /** @param agentPod the agent's own, in which the stamps are */
  constructor(report: NodeReport, agentPod: NamedPod, random: () => number) {
    this.#stamped = { cpuNanocores: 0, memoryWorkingSetBytes: 32 * 2 ** 20, windowUsec: 10_000_000 };
    const own = { ...agentPod, containers: [{ name: 'agent', usage: this.#stamped }] };
    this.#report = { ...report, pods: [...report.pods, own] };
    this.#random = random;
  }

  get containers(): number {
    return this.#report.pods.reduce((sum, { containers }) => sum + containers.length, 0);
  }

  /** The report of this instant; the one before is no more. */
  at(usec: number): NodeReport {
    this.#report.sampleMonotonicUsec = usec;
    for (const { containers } of this.#report.pods) {
      for (const { usage } of containers) this.#renew(usage, mostContainerCores, mostContainerPages);
    }
    if (this.#report.node !== undefined) this.#renew(this.#report.node, 4, mostNodePages);
    this.#stamped.cpuNanocores = stampOf(usec);
    return this.#report;
  }

  #renew(usage: Usage, cores: number, pages: number): void {
    usage.cpuNanocores = Math.floor(this.#random() * cores * 1e9);
    usage.memoryWorkingSetBytes = pageBytes * (1 + Math.floor(this.#random() * pages));
    usage.windowUsec = 9_900_000 + Math.floor(this.#random() * 200_000);
  }
}
