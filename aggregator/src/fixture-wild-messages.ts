import { type AgentMessage, ingestService } from '@tacho/proto';

const { requestSerialize } = ingestService().Push;

/** Mulberry32: the same numbers for the same seed, and quick. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const usage = (value: number) => ({
  cpuNanocores: value,
  memoryWorkingSetBytes: value,
  windowUsec: 10_000_000,
});
const pod = (name: string, value: number, containers = ['app']) => ({
  ...{ namespace: 'default', name, uid: `${name}-uid` },
  containers: containers.map((container) => ({ name: container, usage: usage(value) })),
});

/** What an agent may say, the pod `far` of another node and pods that there are not among it. */
function soundMessages(): Buffer[] {
  const report = (...pods: ReturnType<typeof pod>[]): AgentMessage => ({
    report: { sampleMonotonicUsec: 1, node: usage(5), pods, periodUsec: 5_000_000 },
  });
  return [
    report(),
    report(pod('web', 11)),
    report(pod('far', 666)),
    report(pod('web', 2 ** 40, ['app', 'side']), pod('far', 666), pod('none', 1)),
    report(pod('web', 2 ** 52, ['a', 'b', 'c', 'd'])),
    { hello: { nodeName: 'n1', agentVersion: '1', cgroupMode: 'v2', trustedCaSha256: [new Uint8Array(32)] } },
    { echoReply: { nonce: 1, monotonicUsec: 2 ** 40 } },
    { trustedCas: { sha256: [new Uint8Array(32)] } },
  ].map(requestSerialize);
}

/** @returns one message after the other: sound ones, with a few bytes or fields in them that are not */
export function wildMessages(seed: number): () => Buffer {
  const below = numbers(seed);
  const sound = soundMessages();
  const any = () => sound[below(sound.length)] as Buffer;
  const byte = () => Buffer.from([below(256)]);
  const at = (message: Buffer) => below(message.length + 1);
  const varint = () => {
    const bytes = Array.from({ length: 1 + below(10) }, () => 0x80 | below(128));
    if (below(8) > 0) bytes.push(below(128));
    return Buffer.from(bytes);
  };
  /** A field of any number and type, whose content may have any length. */
  const field = () => {
    const tag = Buffer.from([(below(6) << 3) | below(8)]);
    return Buffer.concat([tag, below(2) > 0 ? varint() : byte(), any().subarray(0, below(24))]);
  };
  const inserted = (message: Buffer, what: Buffer) => {
    const where = at(message);
    return Buffer.concat([message.subarray(0, where), what, message.subarray(where)]);
  };
  const changes: ((message: Buffer) => Buffer)[] = [
    (message) => message,
    (message) => {
      const changed = Buffer.from(message);
      for (let times = below(4); times >= 0; times -= 1) changed[below(changed.length)] = below(256);
      return changed;
    },
    (message) => {
      const changed = Buffer.from(message);
      const where = below(changed.length);
      changed[where] = (changed[where] ?? 0) ^ (1 << below(8));
      return changed;
    },
    (message) => message.subarray(0, at(message)),
    (message) => Buffer.concat([message, any()]),
    (message) => Buffer.concat([message.subarray(0, at(message)), any().subarray(below(8))]),
    (message) => inserted(message, byte()),
    (message) => inserted(message, varint()),
    (message) => inserted(message, field()),
    // At the end of the report, where its length is to be changed with it.
    (message) => {
      const content = Buffer.concat([message.subarray(message[1] === 0x80 ? 3 : 2), field()]);
      return Buffer.concat([message.subarray(0, 1), Buffer.from([content.length & 0x7f]), content]);
    },
    () => Buffer.from(Array.from({ length: below(64) }, () => below(256))),
  ];
  return () => (changes[below(changes.length)] as (message: Buffer) => Buffer)(any());
}
