import { expect, test } from 'vitest';
import type { PodState } from '../debug/debug-state.ts';
import { podAnswer } from './fixture-answers.ts';
import { podText } from './pod-text.ts';

/** The line that says whether the pod is reported. */
function reportedLine(change: (pod: PodState) => PodState): string | undefined {
  return podText({ ...podAnswer, pods: podAnswer.pods.map(change) }).split('\n')[2];
}

const unpushed = (pod: PodState): PodState => ({
  ...pod,
  containers: pod.containers.map(({ pushed: _, ...container }) => container),
});

test('podText() says that a pod is reported, not yet, or why not', () => {
  expect(reportedLine((pod) => pod)).toBe('  reported');
  expect(reportedLine(unpushed)).toBe('  in no report yet');
  const why = 'container app: first';
  expect(reportedLine((pod) => ({ ...unpushed(pod), why }))).toBe(`  not reported: ${why}`);
});
