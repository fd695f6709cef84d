import type { NotReportedState } from '../../debug-state.ts';

/** What a node without any fault has, by code, each with a sentence for all of it: these stay folded. */
export const usualReasons: ReadonlyMap<string, string> = new Map([
  ['sandbox', 'Usual: each pod’s sandbox (pause). What it uses is counted in the pod’s own cgroup.'],
  ['starting', 'Usual for some seconds: a container that is being started, or the sandbox of its pod.'],
  [
    'no-cgroup',
    'Usual: init containers that are done, and runs before a restart, of which the kubelet keeps the log. With gVisor or kata also containers that run.',
  ],
]);

/** What is said when nothing is amiss; undefined when something is. */
export function allReportedWords(notReported: readonly NotReportedState[]): string | undefined {
  if (notReported.some(({ code }) => !usualReasons.has(code))) return undefined;
  return notReported.length === 0
    ? 'Everything that runs here is reported.'
    : 'Everything else that runs here is reported.';
}
