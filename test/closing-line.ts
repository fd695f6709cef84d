import { writeSync } from 'node:fs';
import type { TestModule } from 'vitest/node';

/**
 * Vitest reporter: ends the run with a line for each failure, for those who are shown only the end of a long run, and the
 * one line that CI reads, `N passed, N failed, N skipped`.
 */
export default class ClosingLine {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const failures = unhandledErrors.map((error) => `failed outside of tests: ${firstLine(error)}`);
    const counts = { passed: 0, skipped: 0 };
    for (const module of modules) {
      const file = module.relativeModuleId;
      const failed = (name: string, error: unknown) =>
        failures.push(`failed: ${[file, ...(name ? [name] : [])].join(' > ')}: ${firstLine(error)}`);
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        if (state === 'failed') failed(test.fullName, errors?.[0]);
        else counts[state === 'passed' ? 'passed' : 'skipped'] += 1;
      }
      // A file that cannot be loaded has errors and no tests, and a hook that fails leaves its tests skipped or passed:
      // neither must vanish from the count.
      for (const suite of [module, ...module.children.allSuites()]) {
        const [error] = suite.errors();
        if (error !== undefined) failed('fullName' in suite ? suite.fullName : '', error);
      }
    }
    const line = `${counts.passed} passed, ${failures.length} failed, ${counts.skipped} skipped`;
    // After the default reporter's own summary, and even when the process exits at once.
    process.once('exit', () => writeSync(1, `${[...failures, line].join('\n')}\n`));
  }
}

const mostCharacters = 300;

function firstLine(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  const [line = ''] = message.split('\n', 1);
  return line.length > mostCharacters ? `${line.slice(0, mostCharacters)}…` : line;
}
