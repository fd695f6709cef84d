import { parseCommandLine } from '@tacho/command-line';
import { expect, test } from 'vitest';
import { listenAddress } from '../../listener/src/serve-until.ts';
import { agentFlags, debugPort, flagRelations } from './flags.ts';

const problemsOf = (...args: string[]) => {
  const line = parseCommandLine(agentFlags('here'), args, {}, flagRelations);
  return line.kind === 'problems' ? line.problems : [];
};

test.each(['a.b.svc:10251', 'localhost:1', 'a:65535', 'a:9999', 'a:1, b:2'])(
  '--aggregator takes %s',
  (target) => expect(problemsOf(`--aggregator=${target}`)).toEqual([]),
);

test.each([
  'a',
  'a:b',
  ':1',
  'http://a:1',
  '::1:5',
  'a:123456',
  'a:0',
  'a:65536',
  'a:99999',
  'a b:1',
  '[1.2.3.4]:80',
  '[1::2::3]:80',
])('--aggregator refuses %s', (target) =>
  expect(problemsOf(`--aggregator=${target}`)).toEqual([
    `--aggregator expected host:port, found "${target}"`,
  ]),
);

test.each(['10.0.0.1:10251', '[::1]:10251'])('--aggregator=%s wants --aggregator-server-name', (target) => {
  expect(problemsOf(`--aggregator=${target}`)).toEqual([expect.stringContaining('--aggregator-server-name')]);
  expect(problemsOf(`--aggregator=${target}`, '--aggregator-server-name=a.b.svc')).toEqual([]);
});

test.each(['/kubepods.slice', '/kubelet/kubepods'])('--kubepods-path takes %s', (path) =>
  expect(problemsOf('--aggregator=a:1', `--kubepods-path=${path}`)).toEqual([]),
);

test.each(['kubepods', '/', '/a/../b', '/a//b', '/..'])('--kubepods-path refuses %s', (path) =>
  expect(problemsOf('--aggregator=a:1', `--kubepods-path=${path}`)).toHaveLength(1),
);

test.each(['0', '1', '10252', '65535'])('--debug-port takes %s', (port) =>
  expect(problemsOf('--aggregator=a:1', `--debug-port=${port}`)).toEqual([]),
);

test.each(['-1', '65536', 'x'])('--debug-port refuses %s', (port) =>
  expect(problemsOf('--aggregator=a:1', `--debug-port=${port}`)).toHaveLength(1),
);

test.each(['auto', 'logs', 'api'])('--identity takes %s', (identity) =>
  expect(problemsOf('--aggregator=a:1', `--identity=${identity}`)).toEqual([]),
);

test('--identity refuses anything else', () =>
  expect(problemsOf('--aggregator=a:1', '--identity=cri')).toEqual([
    '--identity expected one of auto, logs, api, found "cri"',
  ]));

test.each([
  [undefined, undefined, undefined, false, 10_252],
  [undefined, undefined, undefined, true, 0],
  [undefined, '10.1.2.3', '192.168.0.1', true, 10_252],
  [undefined, '192.168.0.1', '192.168.0.1', true, 0],
  [undefined, '192.168.0.1', '192.168.0.1', false, 0],
  [undefined, '', '', true, 0],
  [undefined, '192.168.0.1', '', true, 0],
  [10_252, '192.168.0.1', '192.168.0.1', true, 10_252],
  [10_252, undefined, undefined, true, 10_252],
  [0, undefined, undefined, false, 0],
])(
  'debugPort(%s) of a pod at %s on a node at %s, in a pod: %s, is %d',
  (given, podIp, hostIp, inPod, port) => {
    expect(debugPort(given, podIp, hostIp, inPod)).toBe(port);
  },
);

test('listenAddress() is nowhere for port 0', () => {
  expect(listenAddress(0, '127.0.0.1')).toBeUndefined();
  expect(listenAddress(1, '::')).toEqual({ port: 1, bindAddress: '::' });
});

test.each(['-1', '65536', '1.5', 'x', ''])('agentFlags() refuses --debug-port=%s', (port) => {
  const table = agentFlags('host');
  expect(table['debug-port'].read([port])).toMatchObject({ problem: expect.stringContaining('0 to 65535') });
});
