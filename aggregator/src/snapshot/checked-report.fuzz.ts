import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkReport } from './checked-report.ts';
import { anyReport, decodedReport, expectSound } from './fixture-report.ts';

test('checkReport() never throws and passes on nothing but sound values: damaged and random protobuf bytes', () => {
  let decoded = 0;
  let passed = 0;
  fc.assert(
    fc.property(decodedReport, (report) => {
      if (report === undefined || report === null) return;
      decoded += 1;
      const outcome = checkReport(report);
      if ('report' in outcome && outcome.report.pods.length > 0) passed += 1;
      expectSound(outcome);
    }),
    { numRuns: 100_000 },
  );
  // Otherwise the bytes would only have tested the decoder.
  expect(decoded).toBeGreaterThan(20_000);
  expect(passed).toBeGreaterThan(1_000);
});

test('checkReport() never throws and passes on nothing but sound values: fields of any type', () => {
  fc.assert(
    fc.property(anyReport, (report) => expectSound(checkReport(report))),
    { numRuns: 100_000 },
  );
});
