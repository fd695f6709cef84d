import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { formatCheckLine, parseCheckLines } from './check-line.ts';
import { commandScript } from './guest-exchange.ts';
import { needsPtracePadding } from './ptrace-padding.ts';

it('commandScript() gives sh every word and value as it is', () => {
  const words = ["it's", 'a b', '$HOME', '`x`', '\\', ''];
  const script = commandScript({
    command: ['printf', '%s|', ...words],
    env: { TMPDIR: "/a'b" },
    workingDirectory: '/',
    timeoutSeconds: 1,
  });
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(`${words.join('|')}|`);
  expect(script).toContain("export TMPDIR='/a'\\''b'\n");
});

it('parseCheckLines() finds the outcomes between other lines', () => {
  const outcome = { name: 'a − b', ok: false, error: 'x\ny', ms: 3 };
  const output = `boot\n${formatCheckLine(outcome)}reboot: Power down\n`;
  expect([...parseCheckLines(output).values()]).toEqual([outcome]);
});

it('needsPtracePadding() looks for the flag amx_tile', () => {
  expect(needsPtracePadding('flags\t\t: fpu amx_bf16 amx_tile avx\n')).toBe(true);
  expect(needsPtracePadding('flags\t\t: fpu avx\nmodel name: amx_tile\n')).toBe(false);
});
