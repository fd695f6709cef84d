import { writeSync } from 'node:fs';
import type { TestModule } from 'vitest/node';

/** Vitest reporter: ends the run with the one line that CI reads, `N passed, N failed, N skipped`. */
export default class ClosingLine {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') counts.passed += 1;
        else if (state === 'failed') counts.failed += 1;
        else counts.skipped += 1;
      }
      // A file that cannot be loaded has errors and no tests, and a hook that fails leaves its tests skipped or passed:
      // neither must vanish from the count.
      const suites = [module, ...module.children.allSuites()];
      counts.failed += suites.filter((suite) => suite.errors().length > 0).length;
    }
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`;
    // After the default reporter's own summary, and even when the process exits at once.
    process.once('exit', () => writeSync(1, line));
  }
}
