import { formatBytes, formatNanocores } from './quantity.ts';
import { isPodUsage, type UsageItem } from './usage-reader.ts';

/** Amounts of one container, one node, or a pod as the sum of its containers. */
export interface Usage {
  readonly cpuNanocores: number;
  readonly memoryWorkingSetBytes: number;
  readonly swapBytes: number | undefined;
}

/** The `usage` of metrics.k8s.io: canonical quantities by resource, keys sorted. `swap` is there only when known. */
export interface UsageQuantities {
  readonly cpu: string;
  readonly memory: string;
  readonly swap?: string;
}

export function quantitiesOf({ cpuNanocores, memoryWorkingSetBytes, swapBytes }: Usage): UsageQuantities {
  const quantities = { cpu: formatNanocores(cpuNanocores), memory: formatBytes(memoryWorkingSetBytes) };
  return swapBytes === undefined ? quantities : { ...quantities, swap: formatBytes(swapBytes) };
}

/** The swap of a pod is known only when that of every container is. */
export function totalUsage(item: UsageItem): Usage {
  if (!isPodUsage(item)) return item;
  let cpuNanocores = 0;
  let memoryWorkingSetBytes = 0;
  let swapBytes: number | undefined = item.containers.length === 0 ? undefined : 0;
  for (const container of item.containers) {
    cpuNanocores += container.cpuNanocores;
    memoryWorkingSetBytes += container.memoryWorkingSetBytes;
    swapBytes =
      swapBytes === undefined || container.swapBytes === undefined
        ? undefined
        : swapBytes + container.swapBytes;
  }
  return { cpuNanocores, memoryWorkingSetBytes, swapBytes };
}
