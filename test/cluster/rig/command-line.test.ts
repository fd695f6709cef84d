import { expect, it } from 'vitest';
import { parseClusterCommand } from './command-line.ts';

const parse = (line: string) => parseClusterCommand(line.split(' '), 'n1,v3');

it('parseClusterCommand() knows every command', () => {
  expect(parse('up')).toMatchObject({ command: 'up', nodes: ['n1', 'v3'], images: [] });
  expect(parse('up --nodes n1 --image a.tar --image b.tar')).toMatchObject({
    nodes: ['n1'],
    images: ['a.tar', 'b.tar'],
  });
  expect(parse('--name dev2 down')).toMatchObject({ command: 'down', name: 'dev2' });
  for (const command of ['build', 'status']) expect(parse(command)).toMatchObject({ command });
  expect(parse('kill n1')).toMatchObject({ command: 'kill', node: 'n1' });
  expect(parse('import x.tar')).toMatchObject({ command: 'import', file: 'x.tar' });
  expect(parse('down --owner 12')).toMatchObject({ command: 'down-owned', ownerPid: 12 });
  for (const line of ['--help', '-h', 'up --help']) expect(parse(line)).toMatchObject({ command: 'help' });
});

it('parseClusterCommand() leaves all that follows kubectl and helm to them', () => {
  expect(parse('--name dev2 kubectl --help get pods -n x --name y')).toEqual({
    name: 'dev2',
    command: 'kubectl',
    args: ['--help', 'get', 'pods', '-n', 'x', '--name', 'y'],
  });
  expect(parse('helm')).toMatchObject({ command: 'helm', args: [] });
});

it.each([
  ['frob', 'no command "frob"'],
  ['kill', 'expected a node'],
  ['import', 'expected a file'],
  ['status n1', 'nothing more'],
  ['cut n1 n2', 'n2'],
  ['down --nodes n1', '--nodes'],
  ['up --frob', '--frob'],
  ['up --name A/b', '--name'],
])('parseClusterCommand() refuses "%s" and says why', (line, reason) => {
  expect(() => parse(line)).toThrow(reason);
});
