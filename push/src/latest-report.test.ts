import { expect, test } from 'vitest';
import { LatestReport } from './latest-report.ts';

const report = (sampleMonotonicUsec: number) => ({ sampleMonotonicUsec, pods: [] });

test('LatestReport.outbox() says the latest report once, to each replica, and again on a new stream', () => {
  const latest = new LatestReport();
  const [one, other] = [latest.outbox(), latest.outbox()];
  expect(one.next()).toBeUndefined();
  latest.report = report(1);
  latest.report = report(2);
  expect([one.next(), one.next()]).toEqual([{ report: report(2) }, undefined]);
  one.begin();
  expect([one.next(), one.next()]).toEqual([{ report: report(2) }, undefined]);
  latest.report = report(3);
  expect([one.next(), other.next(), other.next()]).toEqual([
    { report: report(3) },
    { report: report(3) },
    undefined,
  ]);
});
