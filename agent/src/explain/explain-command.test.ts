import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { runExplain } from './explain-command.ts';
import { podAnswer, stateAnswer } from './fixture-answers.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** An agent's debug endpoint as far as the command asks it. */
async function agent(): Promise<number> {
  const server = createServer((request, response) => {
    const found = { '/debug/state': stateAnswer, '/debug/pods/default/web': podAnswer }[request.url ?? ''];
    const missing = {
      error: 'no pod default/gone: it ended',
      code: 'no-cgroup',
      sentence: 'it ended',
      mend: 'Look.',
    };
    response.writeHead(found === undefined ? 404 : 200).end(JSON.stringify(found ?? missing));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function explain(...args: string[]) {
  const said = { out: '', err: '' };
  const code = await runExplain({
    ...{ args, version: '1.2.3' },
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
  });
  return { code, ...said };
}

test('runExplain() tells of the node: streams, usage, and what is not reported', async () => {
  const port = await agent();
  const { code, out, err } = await explain(`--debug-port=${port}`);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out.split('\n')).toEqual([
    'node-1: cgroup v2, tacho-agent 1.2.3, 2026-01-01T00:00:06.500Z',
    'Read each 5.0s, CPU rated over 10.0s.',
    '',
    'AGGREGATOR      STREAM         FOR   LAST REPORT  LAST HEARD  WHY NOT',
    '10.0.0.1:10251  connected      60m   1.5s ago     3.0s ago',
    '10.0.0.2:10251  not connected  1.5s  none         nothing     refused',
    '',
    'NAMESPACE  POD  CONTAINER  CPU    OVER   MEMORY    REPORTED',
    '(node)                     1500m  10.0s  1024.0Mi  yes',
    'default    web  app        250m   10.0s  130.2Mi   yes',
    'default    db   main       -      -      -         no: first',
    '',
    'Not reported: 1 (and 1 sandboxes, ended and starting containers)',
    '  [first] Read once.',
    '    default/db container main',
    '    → Wait.',
    '',
  ]);
});

test('runExplain() tells of one pod the way of each number, and lets nothing steer the terminal', async () => {
  const port = await agent();
  const { code, out } = await explain('default/web', `--debug-port=${port}`);
  expect(code).toBe(0);
  expect(out.split('\n').slice(0, 16)).toEqual([
    'default/web on node-1 (cgroup v2), UID uid-web',
    '  cgroup /kubepods/poduid-web',
    '  reported',
    '',
    `  container app: ${'a'.repeat(64)}, restarts 2, since 2025-12-31T23:00:00.000Z`,
    '    kernel    /kubepods/poduid-web/a',
    '      /cg/cpu.stat (read 2026-01-01T00:00:05.000Z)',
    '        usage_usec 1250000',
    '        �[31mred',
    '      /cg/memory.swap.current: ENOENT',
    '    counters  at 2026-01-01T00:00:05.000Z: CPU time 1250000 µs, working set 136524595 bytes (130.2Mi); 1 readings of the last minute',
    '    rate      250000000 nanocores (250m) over 10.0s',
    '    pushed    250000000 nanocores, 136524595 bytes, in the report of 2026-01-01T00:00:05.000Z',
    '',
    'AGGREGATOR      STREAM         FOR   LAST REPORT  LAST HEARD  WHY NOT',
    '10.0.0.1:10251  connected      60m   1.5s ago     3.0s ago',
  ]);
});

test('runExplain() prints what the endpoint answers with --json', async () => {
  const port = await agent();
  const { code, out } = await explain('--json', `--debug-port=${port}`);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual(stateAnswer);
});

test('runExplain() says why a pod is not there, and what to do', async () => {
  const port = await agent();
  expect(await explain('default/gone', `--debug-port=${port}`)).toEqual({
    code: 1,
    out: '',
    err: 'tacho-agent explain: no pod default/gone: it ended [no-cgroup]\n  Look.\n',
  });
});

test('runExplain() says that no agent answers, and where it must run', async () => {
  const port = await agent();
  for (const close of closers.splice(0)) close();
  const { code, err } = await explain(`--debug-port=${port}`);
  expect(code).toBe(1);
  expect(err).toMatch(/no agent answers at http:\/\/127\.0\.0\.1:\d+\/debug\/state: .*ECONNREFUSED/);
  expect(err).toContain('kubectl exec');
});

test.each(['null', '"ok"', '{"status":"up"}'])(
  'runExplain() says that %s is no agent’s answer',
  async (foreign) => {
    const server = createServer((_request, response) => response.end(foreign)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => void server.close());
    const { port } = server.address() as AddressInfo;
    for (const args of [[], ['default/web'], ['--json']]) {
      const { code, err } = await explain(...args, `--debug-port=${port}`);
      expect(code).toBe(1);
      expect(err).toMatch(/no agent answers at http.*: what answers there is no agent/);
    }
  },
);

test.each([
  [['a/b', 'c/d'], 'expected one NAMESPACE/POD, found 2'],
  [['web'], 'argument "web" is not expected'],
  [['--debug-port=0'], 'expected a whole number from 1 to 65535'],
])('runExplain() refuses %j', async (args, problem) => {
  const { code, err } = await explain(...args);
  expect(code).toBe(2);
  expect(err).toContain(problem);
  expect(err).toContain('See tacho-agent explain --help');
});

test('runExplain() has help and a version', async () => {
  const help = (await explain('--help')).out;
  expect(help).toMatch(/^Usage: tacho-agent explain \[NAMESPACE\/POD\] \[flags\]\n/);
  expect(help.replaceAll(/\s+/g, ' ')).toContain(
    'kubectl exec AGENT-POD -- node /opt/tacho/agent.js explain',
  );
  expect((await explain('--version')).out).toBe('tacho-agent 1.2.3\n');
});
