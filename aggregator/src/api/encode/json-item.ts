import type { ContainerName, Entry, Sample, SampleTime, Usage } from '../measured/entry.ts';
import type { LabelSet } from '../measured/label-set.ts';
import { goJson, goJsonMap } from '../text/go-json.ts';
import { timestampJson } from '../text/rfc3339.ts';
import { longestNumberBytes, writeBytes, writeDecimal, writeFew } from './bytes.ts';
import { BytesBySecond } from './bytes-by-second.ts';
import { longestWindowBytes, writeByteCount, writeNanocores, writeWindow } from './quantity-bytes.ts';

/**
 * NodeMetrics and PodMetrics as JSON bytes, put together from what stays the same for as long as an object, its labels, a
 * container's name or a report do, and from numbers. Neither kind nor version is part of it.
 */

/** What is the same for all items of one answer. */
export interface JsonAnswer {
  /** `,"creationTimestamp":"…"`: the time of the request, as metrics-server has it. */
  readonly created: Uint8Array;
  /** Whether items say their resourceVersion. */
  readonly revisions: boolean;
}

export function jsonAnswer(nowMs: number, revisions: boolean): JsonAnswer {
  return { created: createdBySecond.of(nowMs), revisions };
}

const createdBySecond = new BytesBySecond((nowMs) => ascii(`,"creationTimestamp":${timestampJson(nowMs)}`));

const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const metadataMember = ascii('{"metadata":');
const revisionMember = ascii(',"resourceVersion":"');
const containersMember = ascii('","containers":[');
const usageMember = ascii('","usage":{"cpu":"');
const memoryMember = ascii('","memory":"');
const swapMember = ascii('","swap":"');
const usageEnd = ascii('"}}');
const [quote, comma, bracketEnd, braceEnd] = [...ascii('",]}')] as [number, number, number, number];

/** Most bytes beside the labels: a namespace and a name of 253 characters, the times, the window. */
const fixedBytes = 2 * 253 + 250 + longestWindowBytes;
/** Of one container: its name of 63 characters and three quantities. */
const usageBytes = 63 + 80 + 3 * longestNumberBytes;

/** Most bytes that the item takes. Kubernetes bounds its names, so nothing has to be looked up but the labels. */
export function itemJsonBound(entry: Entry, { usages }: Sample): number {
  return fixedBytes + tailOf(entry.labels).length + usages.length * usageBytes;
}

/** `{"metadata":…,"timestamp":…,"window":…,…}`. @returns the offset behind it */
export function writeItemJson(
  out: Uint8Array,
  offset: number,
  entry: Entry,
  sample: Sample,
  answer: JsonAnswer,
): number {
  let end = writeFew(out, offset, metadataMember);
  end = writeMetadataJson(out, end, entry, answer);
  end = writeBytes(out, end, timeOf(sample.time));
  end = writeWindow(out, end, sample.windowUsec);
  const { usages, names } = sample;
  if (entry.resource === 'nodes') {
    const [usage] = usages;
    if (usage !== undefined) end = writeUsage(out, writeBytes(out, end, usageMember), usage);
    return end;
  }
  end = writeFew(out, end, containersMember);
  for (let index = 0; index < usages.length; index += 1) {
    if (index > 0) {
      out[end] = comma;
      end += 1;
    }
    end = writeBytes(out, end, nameOf(names[index] as ContainerName));
    end = writeUsage(out, end, usages[index] as Usage);
  }
  out[end] = bracketEnd;
  out[end + 1] = braceEnd;
  return end + 2;
}

/** The ObjectMeta: name, namespace, time of creation, labels. */
export function writeMetadataJson(
  out: Uint8Array,
  offset: number,
  entry: Entry,
  { created, revisions }: JsonAnswer,
): number {
  let end = writeBytes(out, offset, headOf(entry));
  if (revisions) {
    end = writeDecimal(out, writeFew(out, end, revisionMember), entry.revision);
    out[end] = quote;
    end += 1;
  }
  end = writeBytes(out, end, created);
  return writeBytes(out, end, tailOf(entry.labels));
}

/** Ends the usage and the object around it: of the container, or of the node. */
function writeUsage(out: Uint8Array, offset: number, usage: Usage): number {
  let end = writeNanocores(out, offset, usage.cpuNanocores);
  end = writeFew(out, end, memoryMember);
  end = writeByteCount(out, end, usage.memoryWorkingSetBytes);
  if (usage.swapBytes !== undefined) {
    end = writeByteCount(out, writeFew(out, end, swapMember), usage.swapBytes);
  }
  return writeFew(out, end, usageEnd);
}

const nameAt = '{"name":'.length;
const backslash = 0x5c;

/** The name as a JSON string without its closing quotation mark: the head begins with it. */
export function writeNameJson(out: Uint8Array, offset: number, entry: Entry): number {
  const head = headOf(entry);
  let end = offset;
  for (let index = nameAt; head[index] !== quote || index === nameAt; index += 1) {
    if (head[index] === backslash) {
      out[end] = backslash;
      end += 1;
      index += 1;
    }
    out[end] = head[index] as number;
    end += 1;
  }
  return end;
}

function headOf(entry: Entry): Uint8Array {
  const { json, name, namespace, resource } = entry;
  if (json !== undefined) return json;
  const place = resource === 'pods' ? `,"namespace":${goJson(namespace)}` : '';
  entry.json = Buffer.from(`{"name":${goJson(name)}${place}`);
  return entry.json;
}

function tailOf(set: LabelSet): Uint8Array {
  const { labels } = set;
  set.json ??= Buffer.from(Object.keys(labels).length === 0 ? '}' : `,"labels":${goJsonMap(labels)}}`);
  return set.json;
}

function nameOf(container: ContainerName): Uint8Array {
  container.json ??= Buffer.from(`{"name":${goJson(container.name)},"usage":{"cpu":"`);
  return container.json;
}

const timeBySecond = new BytesBySecond((timestampMs) =>
  ascii(`,"timestamp":${timestampJson(timestampMs)},"window":"`),
);

function timeOf(time: SampleTime): Uint8Array {
  time.json ??= timeBySecond.of(time.timestampMs);
  return time.json;
}
