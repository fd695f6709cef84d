import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NodeStreams } from './node-streams.ts';

const stream = (podUid: string | undefined, node = 'n1') => ({ node, podUid });

/** Pods called `old` give way to those called `new`; nothing is known of others. */
const streams = () =>
  new NodeStreams<ReturnType<typeof stream>>((uid, other) => uid === 'old' && other === 'new');

test('NodeStreams hears the first stream of a node at once, and each node by itself', () => {
  const nodes = streams();
  const [one, two] = [stream('a', 'n2'), stream('b', 'n1')];
  expect([nodes.come(one), nodes.come(two)]).toEqual([undefined, undefined]);
  expect(nodes.all()).toEqual([one, two]);
  expect([nodes.report(one), nodes.report(two)]).toEqual([{ heard: true }, { heard: true }]);
});

test.each([
  ['the same pod', 'a', 'a'],
  ['a newer pod', 'old', 'new'],
  ['a pod that nothing is known of', 'a', 'b'],
  ['no pod', 'a', undefined],
])('NodeStreams hears a stream until another of %s has reported', (_, first, second) => {
  const nodes = streams();
  const [before, after] = [stream(first), stream(second)];
  nodes.come(before);
  expect(nodes.come(after)).toBeUndefined();
  expect(nodes.report(before)).toEqual({ heard: true });
  expect(nodes.all()).toEqual([before, after]);
  expect(nodes.report(after)).toEqual({ heard: true, end: before });
  expect(nodes.report(before)).toEqual({ heard: false });
  expect([nodes.has(before), nodes.has(after)]).toEqual([false, true]);
});

test('NodeStreams.come() ends the stream of an older pod at once, heard or waiting', () => {
  const nodes = streams();
  nodes.come(stream('new'));
  const old = stream('old');
  expect(nodes.come(old)).toBe(old);
  expect(nodes.has(old)).toBe(false);

  const waiting = streams();
  waiting.come(stream('unknown'));
  waiting.come(stream('new'));
  expect(waiting.come(old)).toBe(old);
});

test('NodeStreams.report() ends a waiting stream whose pod has turned out to be the older one', () => {
  let known = false;
  const nodes = new NodeStreams<ReturnType<typeof stream>>((uid) => known && uid === 'old');
  const [heard, late] = [stream('new'), stream('old')];
  nodes.come(heard);
  expect(nodes.come(late)).toBeUndefined();
  known = true;
  expect(nodes.report(late)).toEqual({ heard: false, end: late });
  expect(nodes.report(heard)).toEqual({ heard: true });
});

test('NodeStreams lets one stream of a node wait: the newest', () => {
  const nodes = streams();
  const [heard, second, third] = [stream('a'), stream('a'), stream('a')];
  nodes.come(heard);
  nodes.come(second);
  expect(nodes.come(third)).toBe(second);
  expect(nodes.report(second)).toEqual({ heard: false });
  expect(nodes.all()).toEqual([heard, third]);
});

test('NodeStreams.leave() of the heard stream lets the waiting one be heard, of another changes nothing', () => {
  const nodes = streams();
  const [heard, waiting] = [stream('a'), stream('b')];
  nodes.come(heard);
  nodes.come(waiting);
  nodes.leave(stream('a'));
  expect(nodes.report(heard)).toEqual({ heard: true });
  nodes.leave(heard);
  expect(nodes.all()).toEqual([waiting]);
  expect(nodes.report(waiting)).toEqual({ heard: true });
  nodes.leave(waiting);
  expect(nodes.all()).toEqual([]);
});

test('NodeStreams.leave() of the waiting stream leaves the heard one alone', () => {
  const nodes = streams();
  const [heard, waiting] = [stream('a'), stream('b')];
  nodes.come(heard);
  nodes.come(waiting);
  nodes.leave(waiting);
  expect(nodes.clear()).toEqual([heard]);
  expect(nodes.all()).toEqual([]);
});

test('NodeStreams keeps at most two streams of a node, and no old pod ever ends a new one’s, whatever comes', () => {
  const step = fc.tuple(fc.constantFrom('come', 'report', 'leave'), fc.nat(7), fc.constantFrom('old', 'new'));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const nodes = streams();
      const known: ReturnType<typeof stream>[] = [];
      for (const [what, index, pod] of steps) {
        const each = what === 'come' ? stream(pod) : known[index % Math.max(1, known.length)];
        if (each === undefined) continue;
        if (what === 'leave') nodes.leave(each);
        else {
          if (what === 'come') known.push(each);
          const ended = what === 'come' ? nodes.come(each) : nodes.report(each).end;
          if (ended !== undefined && ended !== each)
            expect([each.podUid, ended.podUid]).not.toEqual(['old', 'new']);
        }
        expect(nodes.all().length).toBeLessThanOrEqual(2);
        expect(known.filter((one) => nodes.has(one))).toHaveLength(nodes.all().length);
      }
    }),
  );
});
