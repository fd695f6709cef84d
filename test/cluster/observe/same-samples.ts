import { goDurationNsec } from '../../../aggregator/src/api/text/go-duration.ts';
import { quantityValue } from '../../../aggregator/src/snapshot/quantity-value.ts';
import type { Server } from '../side-by-side/exchange.ts';
import type { MetricsItem } from './metrics-reads.ts';

interface Shown {
  readonly cpuCores: number;
  readonly memoryBytes: number;
}

/** What both made of one pair of a kubelet's samples. */
export interface SamePair extends Readonly<Record<Server, Shown>> {
  /** A node, or `namespace/name` of a pod. */
  readonly who: string;
  readonly timestamp: string;
}

const nanocore = 1e-9;
const kibibyte = 1_024;

/**
 * Values of two servers that come from the same samples: of the same second, and over the same window to the microsecond. Pods
 * of several containers are left out, whose samples may be of as many instants.
 */
export class SameSamples {
  readonly #shown: Readonly<Record<Server, Map<string, Shown>>> = {
    tacho: new Map(),
    metricsServer: new Map(),
  };

  note(server: Server, items: readonly MetricsItem[]): void {
    for (const { metadata, timestamp, window, usage, containers } of items) {
      const of = usage ?? (containers?.length === 1 ? containers[0]?.usage : undefined);
      const windowUsec = goDurationNsec(window) / 1_000;
      const [cpuCores, memoryBytes] = [quantityValue(of?.['cpu'] ?? ''), quantityValue(of?.['memory'] ?? '')];
      if (cpuCores === undefined || memoryBytes === undefined) continue;
      const who = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
      const key = JSON.stringify([who, timestamp, Math.round(windowUsec)]);
      this.#shown[server].set(key, { cpuCores, memoryBytes });
    }
  }

  pairs(): readonly SamePair[] {
    return [...this.#shown.tacho].flatMap(([key, tacho]) => {
      const metricsServer = this.#shown.metricsServer.get(key);
      const [who = '', timestamp = ''] = JSON.parse(key) as string[];
      return metricsServer === undefined ? [] : [{ who, timestamp, tacho, metricsServer }];
    });
  }

  /** Sentences about values that are further apart than the rounding of either side. */
  differences(): readonly string[] {
    return this.pairs()
      .filter(({ tacho, metricsServer }) => !isSame(tacho, metricsServer))
      .map((pair) => JSON.stringify(pair));
  }
}

/** The kubelet gives CPU in seconds with a float; tacho counts in microseconds, over windows of ten seconds and more. */
function isSame(one: Shown, other: Shown): boolean {
  const cpuApart = Math.abs(one.cpuCores - other.cpuCores);
  return (
    cpuApart <= Math.max(300 * nanocore, 1e-6 * other.cpuCores) &&
    Math.abs(one.memoryBytes - other.memoryBytes) < kibibyte
  );
}
