import { writeSync } from 'node:fs';
import type { TestModule } from 'vitest/node';

/** Vitest reporter: ends the run with the one line that CI reads, `N passed, N failed, N skipped`. */
export default class ClosingLine {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      let tests = 0;
      for (const test of module.children.allTests()) {
        tests += 1;
        const { state } = test.result();
        if (state === 'passed') counts.passed += 1;
        else if (state === 'failed') counts.failed += 1;
        else counts.skipped += 1;
      }
      // A file that cannot be loaded has errors and no tests: it must not vanish from the count.
      if (tests === 0 && !module.ok()) counts.failed += 1;
    }
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`;
    // After the default reporter's own summary, and even when the process exits at once.
    process.once('exit', () => writeSync(1, line));
  }
}
