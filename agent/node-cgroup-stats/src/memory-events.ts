/*
 * memory.events of cgroup v2 (kernel 4.5; oom_kill since 4.13, oom_group_kill since 5.17): how often what happened, in
 * the cgroup and below it.
 *
 *   low 0
 *   high 0
 *   max 12
 *   oom 1
 *   oom_kill 1
 *   oom_group_kill 0
 *
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
 * Other files that count kills have the same key: memory.oom_control of v1 (kernel 4.13), for the cgroup alone,
 *
 *   oom_kill_disable 0
 *   under_oom 0
 *   oom_kill 1
 *
 * and /proc/vmstat (kernel 4.13), for the machine.
 */
import { createKeyParser, type Parser } from './parsed.ts';

/** Processes that were killed: of memory.events, v1's memory.oom_control and /proc/vmstat. */
export const parseOomKill: Parser<number> = createKeyParser('oom_kill');

/** How often the usage was about to go over memory.max; of v1 memory.failcnt says so. */
export const parseMemoryEventsMax: Parser<number> = createKeyParser('max');
