/*
 * What memory.stat says of the kinds of memory, in bytes, the cgroups below included. v2 (kernel 4.5):
 *
 *   anon 190619648
 *   file 437133312          page cache, with tmpfs and shared memory
 *   kernel 31457280         since 5.18
 *   shmem 8998912           tmpfs and shared memory alone
 *   inactive_file 148209664
 *   slab 21823488
 *
 * v1 has the names of old: total_rss is anon, total_cache is file. There is no slab, and kernel memory is a file of its own,
 * memory.kmem.usage_in_bytes.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
 */
import { createKeyParser, type Parser } from './parsed.ts';

/** The kinds that both versions know. */
export interface MemoryKinds {
  readonly anonBytes: Parser<number>;
  readonly fileBytes: Parser<number>;
  readonly inactiveFileBytes: Parser<number>;
  readonly shmemBytes: Parser<number>;
}

export const memoryKinds: MemoryKinds = {
  anonBytes: createKeyParser('anon'),
  fileBytes: createKeyParser('file'),
  inactiveFileBytes: createKeyParser('inactive_file'),
  shmemBytes: createKeyParser('shmem'),
};

export const memoryKindsV1: MemoryKinds = {
  anonBytes: createKeyParser('total_rss'),
  fileBytes: createKeyParser('total_cache'),
  inactiveFileBytes: createKeyParser('total_inactive_file'),
  shmemBytes: createKeyParser('total_shmem'),
};

/** Of v2 only. */
export const parseSlab: Parser<number> = createKeyParser('slab');
/** Of v2 only, since kernel 5.18. */
export const parseKernelMemory: Parser<number> = createKeyParser('kernel');
