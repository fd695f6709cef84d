export type { ByteCount } from './byte-count.ts';
export { createByteCount } from './byte-count.ts';
export type { Cgroup } from './cgroup.ts';
export type { CgroupSignals, RootSignals } from './cgroup-signals.ts';
export type { CgroupTree, CgroupTreeDeps, CgroupTreeOptions } from './cgroup-tree.ts';
export { createCgroupTree } from './cgroup-tree.ts';
export type { CgroupUsage } from './cgroup-usage.ts';
export { createCgroupUsage } from './cgroup-usage.ts';
export { parseCpuOnline, readCpuOnline } from './cpu-online.ts';
export { parseCpuStat, readCpuStat } from './cpu-stat.ts';
export type { CpuUsage } from './cpu-usage.ts';
export { createCpuUsage, elapsedNanoseconds } from './cpu-usage.ts';
export { parseCpuacctUsage, readCpuacctUsage } from './cpuacct-usage.ts';
export type { FileCalls } from './file-calls.ts';
export { hostFileCalls } from './file-calls.ts';
export type { HostFilesystem } from './host-filesystem.ts';
export { KernelFile } from './kernel-file.ts';
export type {
  Layout,
  LayoutOptions,
  LegacyLayout,
  SupportedLayout,
  UnifiedLayout,
  UnsupportedCause,
  UnsupportedLayout,
} from './layout.ts';
export { detectLayout } from './layout.ts';
export { isRootOfPart, missingControllers } from './layout-root.ts';
export type { Meminfo } from './meminfo.ts';
export { createMeminfo, parseMeminfo, readMeminfo } from './meminfo.ts';
export { parseMemoryCurrent, readMemoryCurrent } from './memory-current.ts';
export type { MemoryStat } from './memory-stat.ts';
export { createMemoryStat, parseMemoryStat, readMemoryStat } from './memory-stat.ts';
export type { MemoryStatV1 } from './memory-stat-v1.ts';
export { createMemoryStatV1, parseMemoryStatV1, readMemoryStatV1 } from './memory-stat-v1.ts';
export { parseMemorySwapCurrent, readMemorySwapCurrent } from './memory-swap-current.ts';
export { parseMemoryUsageInBytes, readMemoryUsageInBytes } from './memory-usage-in-bytes.ts';
export type { Mount, Mountinfo } from './mountinfo.ts';
export { parseMountinfo } from './mountinfo.ts';
export type { RootMemorySource } from './root-cgroup-v2.ts';
export type {
  CpuLimit,
  CpuWeight,
  IoDevice,
  KnownSignal,
  Limit,
  MissingSignal,
  Pressure,
  PressureLine,
  Signal,
  Throttling,
} from './signal.ts';
export type { SignalHierarchies } from './signal-hierarchies.ts';
export { findSignalHierarchies } from './signal-hierarchies.ts';
export type { CgroupSignalReading, SignalReader, SignalReaderOptions } from './signal-reader.ts';
export { createSignalReader } from './signal-reader.ts';
export type { ParseStatus, QuantityStatus, ReadFailure } from './status.ts';
