import { expect, test } from 'vitest';
import { runCommand } from './command.ts';
import { text } from './flags.ts';

/** What a command says and ends with. */
async function ran(args: readonly string[], run = async (_: unknown) => {}) {
  const said = { out: '', err: '' };
  const flags = { name: text({ help: 'Whose.', placeholder: 'NAME', default: 'web' }) };
  const code = await runCommand(
    {
      ...{ typed: 'npm run greet --', title: 'tacho greet', version: '1.2.3', summary: 'Greets.' },
      ...{ flags, failed: 'greet: cannot greet', run },
    },
    {
      ...{ argv: ['node', 'main.ts', ...args], env: {} },
      stdout: { write: (line: string) => (said.out += line) } as unknown as NodeJS.Process['stdout'],
      stderr: { write: (line: string) => (said.err += line) } as unknown as NodeJS.Process['stderr'],
    },
  );
  return { code, ...said };
}

test('runCommand() runs with the values of the flags', async () => {
  const values: unknown[] = [];
  const run = async (its: unknown) => void values.push(its);
  expect(await ran(['--name=db'], run)).toEqual({ code: 0, out: '', err: '' });
  expect(values).toEqual([{ name: 'db' }]);
});

test('runCommand() says why it could not be done', async () => {
  const run = () => Promise.reject(new Error('nobody there'));
  expect(await ran([], run)).toEqual({ code: 1, out: '', err: 'greet: cannot greet: nobody there\n' });
});

test('runCommand() prints help and version, and runs nothing', async () => {
  const run = () => expect.fail('it ran');
  expect(await ran(['--version'], run)).toEqual({ code: 0, out: 'tacho greet 1.2.3\n', err: '' });
  const { code, out } = await ran(['--help'], run);
  expect([code, out]).toEqual([0, expect.stringMatching(/npm run greet --[\s\S]*Greets\.[\s\S]*--name/)]);
});

test('runCommand() ends with 2 for a flag that it does not know, and runs nothing', async () => {
  const { code, err } = await ran(['--nam=db'], () => expect.fail('it ran'));
  expect([code, err]).toEqual([2, expect.stringContaining('--nam')]);
});
