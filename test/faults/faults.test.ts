import { describe, expect, test } from 'vitest';
import { skipReason } from '../skip-reason.ts';
import { inside, leftovers, refusal } from './site/inside.ts';

const reason = await refusal();
if (reason !== undefined) process.stdout.write(`faults.test.ts is skipped: ${reason}\n`);

/** Several times what a case takes where nothing else runs. */
const longestMs = 300_000;

describe.skipIf(skipReason(reason) !== undefined).concurrent('a fault in the network', () => {
  test.each([
    [
      'short-cuts',
      'a link that is cut for 2, 4, 7 or 9 s: its node is back in time, another notices nothing',
    ],
    ['one-way', 'a link that is cut one way only: its node is back in time, another notices nothing'],
    ['partition', 'a node that is cut off until it disappears: only that one, and it comes back in time'],
    ['loss', 'three packets of ten lost on a link: its node stays, the others do not age'],
    ['latency', 'half a second each way: the node is as old as it is, and its streams stay'],
    ['black-hole', 'a replica that nothing reaches: the other has every node, and it gets them back in time'],
    [
      'frozen-replica',
      'a replica that is stopped and goes on: the other has every node, and it gets them back in time',
    ],
    [
      'api-server-away',
      'kube-apiserver out of reach: replicas serve on, take back agents that they knew, and recover',
    ],
    ['silent-peer', 'replicas that accept and say nothing: nobody ages, and attempts are bounded'],
    ['power-cut', 'connections left half open: the new agent is heard at once, the old ones are cleaned up'],
  ])('%s: %s', (name) => judge(name));
});

/** Beside the programs that another case starts, a second is soon gone. */
describe.skipIf(skipReason(reason) !== undefined)('a fault in the network, with promises of a second', () => {
  test.each([
    [
      'short-period',
      'links cut for 1.5 to 6.3 s at a period of 1 s, and half a second each way ends no stream',
    ],
    ['replica-killed', 'a replica killed: no node missing on the other, and its successor is whole at once'],
  ])('%s: %s', (name) => judge(name));
});

async function judge(name: string): Promise<void> {
  const measured = await inside(name, longestMs);
  process.stdout.write(`${[`${name}:`, ...measured].join('\n  ')}\n`);
  expect(measured).not.toEqual([]);
}

test.skipIf(reason !== undefined)(
  'a case that does not end is ended, and nothing of any case is left',
  async () => {
    await expect(inside('endless', 10_000)).rejects.toThrow('endless: not done after 10000 ms');
    await expect.poll(leftovers, { timeout: 10_000 }).toEqual([]);
  },
);
