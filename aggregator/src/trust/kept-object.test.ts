import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { keptLog } from '../fixture-log.ts';
import { KubeApiError } from '../kube/kube-client.ts';
import { KeptObject } from './kept-object.ts';

const collection = '/api/v1/namespaces/tacho/secrets';

/** One Secret that is never right, and an API server that answers every write with this status. */
function kept(status: number, leastMs: number) {
  const { log, lines } = keptLog();
  const putAtMs: number[] = [];
  const client = {
    get: async () => ({ metadata: { resourceVersion: '1' }, items: [{ metadata: { name: 'tls' } }] }),
    // A watch that is behind: it tells nothing.
    async *watch(_path: string, _longestMs: number, signal: AbortSignal): AsyncGenerator<unknown> {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
    async put(path: string) {
      putAtMs.push(performance.now());
      throw new KubeApiError('PUT', path, status, JSON.stringify({ message: 'spec: found "confidential"' }));
    },
    patch: async () => undefined,
  };
  const stop = new AbortController();
  const object = new KeptObject(
    { client, log, monotonicMs: () => performance.now() },
    { collection, name: 'tls', decide: () => ({ write: { verb: 'put', body: {} } }) },
    { leastMs },
  );
  const ended = object.run(stop.signal);
  return {
    lines,
    /** Between one write and the next, of the first so many. */
    async distancesMs(writes: number) {
      await eventually(() => expect(putAtMs.length).toBeGreaterThanOrEqual(writes));
      return putAtMs.slice(1, writes).map((atMs, index) => atMs - (putAtMs[index] ?? 0));
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

/** A timer may be early by a millisecond. */
const slackMs = 2;

test('KeptObject whose watch is behind hurries after one conflict, then backs off', async () => {
  await using secret = kept(409, 150);
  const [first = 0, second = 0, third = 0] = await secret.distancesMs(4);
  expect(first).toBeGreaterThan(100 - slackMs);
  expect(second).toBeGreaterThan(150 - slackMs);
  expect(third).toBeGreaterThan(300 - slackMs);
  expect(secret.lines.filter(({ level }) => Number(level) > 20)).toEqual([]);
});

test('KeptObject whose writes fail says so once, without the API server’s words, and backs off', async () => {
  await using secret = kept(422, 20);
  const distancesMs = await secret.distancesMs(4);
  for (const [index, expectedMs] of [20, 40, 80].entries())
    expect(distancesMs[index]).toBeGreaterThan(expectedMs - slackMs);
  expect(secret.lines).toMatchObject([{ msg: 'cannot write it, trying again: API server answered 422' }]);
  expect(JSON.stringify(secret.lines)).not.toContain('confidential');
});
