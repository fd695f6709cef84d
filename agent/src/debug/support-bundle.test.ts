import { Readable, Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { expect, test } from 'vitest';
import type { DebugState } from './debug-state.ts';
import { measuredFixture } from './kubelet/fixture-measured-node.ts';
import { bundleFiles, bundleName, writeBundle } from './support-bundle.ts';

const readAt = '2026-01-01T00:00:05.000Z';
const token = `${btoa('{"alg":"RS256","kid":"1"}').replaceAll('=', '')}.${btoa('{"sub":"x"}').replaceAll('=', '')}.c2ln`;
const state: DebugState = {
  ...{ time: readAt, agentVersion: '1.2.3', periodUsec: 5_000_000, windowUsec: 10_000_000 },
  replicas: [{ address: '10.0.0.1:10251', connected: false, since: readAt, lastError: `bad token ${token}` }],
  node: {
    ...{ name: 'node-1', cgroupMode: 'v2', counters: [] },
    kernelFiles: [{ path: '/cg/cpu.stat', readAt, readFor: 'tick', text: 'usage_usec 7\n' }],
  },
  pods: [
    {
      ...{ namespace: 'default', name: 'web', uid: 'u', counters: [], containers: [] },
      kernelFiles: [{ path: '/cg/pod/memory.swap.current', readAt, readFor: 'request', problem: 'ENOENT' }],
    },
  ],
  ...{ unnamed: [], notReported: [] },
};
const log = ['{"msg":"agent starts"}', `{"authorization":"Bearer ${token}"}`];
const parts = { state, measured: measuredFixture, log, versions: { node: 'v26.0.0', kernel: '6.18' } };

/** What is in an archive, by name. */
async function unpacked(archive: Buffer): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const tar = extract();
  Readable.from(gunzipSync(archive)).pipe(tar);
  for await (const entry of tar) {
    let text = '';
    for await (const chunk of entry) text += String(chunk);
    files.set(entry.header.name, text);
  }
  return files;
}

test('writeBundle() makes an archive of state, log, versions, kernel texts and the kubelet’s pages', async () => {
  const chunks: Buffer[] = [];
  const into = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  await writeBundle('tacho-node-1', parts, into);
  const files = await unpacked(Buffer.concat(chunks));
  expect([...files.keys()].sort()).toEqual([
    'tacho-node-1/kernel-files.txt',
    'tacho-node-1/log.jsonl',
    'tacho-node-1/metrics-resource.txt',
    'tacho-node-1/state.json',
    'tacho-node-1/stats-summary.json',
    'tacho-node-1/versions.json',
  ]);
  expect(files.get('tacho-node-1/kernel-files.txt')).toBe(
    `==> /cg/cpu.stat (${readAt}, for the tick)\nusage_usec 7\n\n` +
      `==> /cg/pod/memory.swap.current (${readAt}, for the request)\nENOENT\n`,
  );
  const versions = JSON.parse(files.get('tacho-node-1/versions.json') ?? '');
  expect(versions).toEqual({
    ...{ time: readAt, agentVersion: '1.2.3', nodeName: 'node-1', cgroupMode: 'v2' },
    ...{ node: 'v26.0.0', kernel: '6.18' },
  });
  const told = JSON.parse(files.get('tacho-node-1/state.json') ?? '');
  expect(told.node).toEqual({ name: 'node-1', cgroupMode: 'v2', counters: [] });
});

test('bundleFiles() holds no token, wherever one has got to', () => {
  const texts = [...bundleFiles(parts).values()].join('');
  expect(texts).toContain('bad token [taken out]');
  expect(texts).not.toContain(token);
  for (const part of token.split('.')) expect(texts).not.toContain(part);
});

test('bundleName() fits a header and a file name, whatever the node is called', () => {
  expect(bundleName(state)).toBe('tacho-node-1-20260101T000005Z');
  expect(bundleName({ ...state, node: { ...state.node, name: 'a"/../b\n' } })).toMatch(/^[\w.-]+$/);
});
