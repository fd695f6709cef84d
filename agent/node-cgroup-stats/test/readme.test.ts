import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const packageDirectory = new URL('..', import.meta.url);

it('README: the example runs as it stands and prints what the machine uses', () => {
  const readme = readFileSync(new URL('README.md', packageDirectory), 'utf8');
  const [, example] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  expect(example).toBeDefined();
  const output = execFileSync(process.execPath, ['--input-type=module-typescript', '--eval', example ?? ''], {
    cwd: packageDirectory,
    encoding: 'utf8',
  });
  expect(output).toMatch(
    /^(No cgroups: .+|CPU: (\d+\.\d{3} cores|[a-z]+)\nWorking set: [a-z]+ (\d+|NaN) bytes)\n$/,
  );
});
