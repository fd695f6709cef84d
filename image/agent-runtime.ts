/**
 * How the agent's process is started: each node pays for its memory. What each of these saves stands in
 * docs/benchmarks.md; the chart's DaemonSet has the same, and a test compares them.
 */
export const agentRuntime = {
  /** Flags of Node, before the program's file. */
  nodeFlags: ['--no-opt', '--optimize-for-size'],
  env: { MALLOC_ARENA_MAX: '1' },
} as const;
