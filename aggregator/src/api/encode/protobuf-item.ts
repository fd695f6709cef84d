import type { ContainerName, Entry, Sample, SampleTime, Usage } from '../measured/entry.ts';
import type { LabelSet } from '../measured/label-set.ts';
import { writeBytes, writeDecimal, writeFew, writeLengthBefore, writeVarint } from './bytes.ts';
import { BytesBySecond } from './bytes-by-second.ts';
import { writeByteCount, writeNanocores } from './quantity-bytes.ts';

/**
 * NodeMetrics and PodMetrics as protobuf bytes, put together like the JSON ones. Go's encoder writes the fields that it
 * holds by value even when they are empty, in the order of their numbers, and maps sorted by key: so does this.
 * Field numbers: k8s.io/metrics and k8s.io/apimachinery generated.proto; beside them stand the tags.
 */

/** What is the same for all items of one answer. */
export interface ProtobufAnswer {
  /** `generation` (7) and `creationTimestamp` (8) of ObjectMeta: the time of the request. */
  readonly created: Uint8Array;
  readonly revisions: boolean;
}

export function protobufAnswer(nowMs: number, revisions: boolean): ProtobufAnswer {
  return { created: createdBySecond.of(nowMs), revisions };
}

const createdBySecond = new BytesBySecond((nowMs) =>
  Buffer.concat([Buffer.from([0x38, 0]), field(0x42, timeMessage(nowMs))]),
);

/** As for JSON: of one container, and of everything else beside the labels. */
const usageBytes = 63 + 112;
const fixedBytes = 2 * 253 + 112;
const noRevision = Buffer.from([0x32, 0]);
/** Map entry: key (1), then value (2), a Quantity whose string (1) follows. */
const cpuKey = field(0x0a, Buffer.from('cpu'));
const memoryKey = field(0x0a, Buffer.from('memory'));
const swapKey = field(0x0a, Buffer.from('swap'));
const podUsageTag = 0x12;
const nodeUsageTag = 0x22;

/** Most bytes that the item takes, with its tag and length. */
export function itemProtobufBound(entry: Entry, { usages }: Sample): number {
  return fixedBytes + tailOf(entry.labels).length + usages.length * usageBytes;
}

/** An element of a list: tag 2, length and message. */
export function writeListElement(
  out: Uint8Array,
  offset: number,
  entry: Entry,
  sample: Sample,
  answer: ProtobufAnswer,
): number {
  out[offset] = 0x12;
  return writeLengthBefore(out, offset + 1, writeItemProtobuf(out, offset + 2, entry, sample, answer));
}

/** The message NodeMetrics or PodMetrics. */
export function writeItemProtobuf(
  out: Uint8Array,
  offset: number,
  entry: Entry,
  sample: Sample,
  answer: ProtobufAnswer,
): number {
  let end = writeMetadataProtobuf(out, offset, entry, answer);
  end = writeFew(out, end, timeOf(sample.time));
  out[end] = 0x1a;
  out[end + 2] = 0x08;
  end = writeLengthBefore(out, end + 1, writeVarint(out, end + 3, sample.windowUsec * 1000));
  const { usages, names } = sample;
  for (let index = 0; index < usages.length; index += 1) {
    const usage = usages[index] as Usage;
    if (entry.resource === 'nodes') {
      end = writeUsage(out, end, nodeUsageTag, usage);
      continue;
    }
    out[end] = 0x22;
    const named = writeBytes(out, end + 2, nameOf(names[index] as ContainerName));
    end = writeLengthBefore(out, end + 1, writeUsage(out, named, podUsageTag, usage));
  }
  return end;
}

/** ObjectMeta as field 1 of whatever is around it. */
export function writeMetadataProtobuf(
  out: Uint8Array,
  offset: number,
  entry: Entry,
  { created, revisions }: ProtobufAnswer,
): number {
  out[offset] = 0x0a;
  let end = writeBytes(out, offset + 2, headOf(entry));
  if (revisions) {
    out[end] = 0x32;
    end = writeLengthBefore(out, end + 1, writeDecimal(out, end + 2, entry.revision));
  } else end = writeFew(out, end, noRevision);
  end = writeFew(out, end, created);
  return writeLengthBefore(out, offset + 1, writeBytes(out, end, tailOf(entry.labels)));
}

function writeUsage(out: Uint8Array, offset: number, tag: number, usage: Usage): number {
  let end = writeMapStart(out, offset, tag, cpuKey);
  end = writeMapEnd(out, offset, end, writeNanocores(out, end, usage.cpuNanocores));
  let start = end;
  end = writeMapStart(out, start, tag, memoryKey);
  end = writeMapEnd(out, start, end, writeByteCount(out, end, usage.memoryWorkingSetBytes));
  if (usage.swapBytes === undefined) return end;
  start = end;
  end = writeMapStart(out, start, tag, swapKey);
  return writeMapEnd(out, start, end, writeByteCount(out, end, usage.swapBytes));
}

/** Tag, a byte for the length, the key, tag and length of the Quantity, tag and length of its string. */
function writeMapStart(out: Uint8Array, offset: number, tag: number, key: Uint8Array): number {
  out[offset] = tag;
  const end = writeFew(out, offset + 2, key);
  out[end] = 0x12;
  out[end + 2] = 0x0a;
  return end + 4;
}

/** A quantity is so short that each length takes one byte. */
function writeMapEnd(out: Uint8Array, offset: number, quantityAt: number, end: number): number {
  out[offset + 1] = end - offset - 2;
  out[quantityAt - 3] = end - quantityAt + 2;
  out[quantityAt - 1] = end - quantityAt;
  return end;
}

function headOf(entry: Entry): Uint8Array {
  const { name, namespace } = entry;
  entry.protobuf ??= Buffer.concat([
    field(0x0a, Buffer.from(name)),
    Buffer.from([0x12, 0]),
    field(0x1a, Buffer.from(namespace)),
    Buffer.from([0x22, 0, 0x2a, 0]),
  ]);
  return entry.protobuf;
}

function tailOf(set: LabelSet): Uint8Array {
  set.protobuf ??= Buffer.concat(
    Object.keys(set.labels)
      .sort()
      .map((key) =>
        field(
          0x5a,
          Buffer.concat([field(0x0a, Buffer.from(key)), field(0x12, Buffer.from(set.labels[key] ?? ''))]),
        ),
      ),
  );
  return set.protobuf;
}

function nameOf(container: ContainerName): Uint8Array {
  container.protobuf ??= field(0x0a, Buffer.from(container.name));
  return container.protobuf;
}

const timeBySecond = new BytesBySecond((timestampMs) => field(0x12, timeMessage(timestampMs)));

function timeOf(time: SampleTime): Uint8Array {
  time.protobuf ??= timeBySecond.of(time.timestampMs);
  return time.protobuf;
}

/** meta/v1 Time: whole seconds (1), cut as in JSON, and nanos (2), always zero. */
function timeMessage(timestampMs: number): Uint8Array {
  const message = Buffer.alloc(16);
  message[0] = 0x08;
  const end = writeVarint(message, 1, Math.floor(timestampMs / 1000));
  message[end] = 0x10;
  return message.subarray(0, end + 2);
}

function field(tag: number, content: Uint8Array): Uint8Array {
  const message = Buffer.alloc(content.length + 5);
  message[0] = tag;
  const start = writeVarint(message, 1, content.length);
  return message.subarray(0, writeBytes(message, start, content));
}
