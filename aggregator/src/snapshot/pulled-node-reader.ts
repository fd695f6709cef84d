import { MalformedMessage, WireReader } from '@tacho/proto';
import { isName } from './checked-report.ts';
import { nameIn, noNames, type ReportNames } from './report-names.ts';
import { type ReadOutcome, readNested } from './report-reader.ts';

/** Why a puller could not read a node, in its own words: of bounded length, and on one line. */
export interface ToldProblem {
  readonly reason: string;
  readonly message: string;
}

/** What a puller says of a node. */
export interface PulledNodeRead {
  readonly node: string;
  /** Absent where the try has brought nothing new. */
  readonly read?: ReadOutcome;
  /** Absent where the try went well. */
  readonly problem?: ToldProblem;
}

/** Numbers of fields, as proto/tacho/v1/ingest.proto has them, with their wire types. */
const tags = {
  message: { pulledNode: 0x32, fields: 6 },
  pulled: { nodeName: 0x0a, report: 0x12, problem: 0x1a, fields: 3 },
  problem: { reason: 0x0a, message: 0x12, fields: 2 },
} as const;

const longestReason = 64;
const longestMessage = 1_024;

/** Whether the message is a PulledNode, by its first byte: it is not read for that. */
export function isPulledNode(message: Buffer): boolean {
  return message[0] === tags.message.pulledNode;
}

/**
 * Reads and checks an AgentMessage that is a PulledNode, in one pass.
 * @param namesOf the names that the node's last report gave; asked for where the node's name stands before its report
 * @throws MalformedMessage; nothing of such a message can be used
 */
export function readPulledNode(message: Buffer, namesOf: (node: string) => ReportNames): PulledNodeRead {
  const wire = new WireReader(message);
  if (wire.tag() !== tags.message.pulledNode) throw new MalformedMessage('a message that is no pulled node');
  let node: string | undefined;
  let read: ReadOutcome | undefined;
  let problem: ToldProblem | undefined;
  const outer = wire.enter();
  while (wire.position < wire.end) {
    const tag = wire.tag();
    if (tag === tags.pulled.nodeName) node = nameIn(wire, undefined, isName);
    else if (tag === tags.pulled.report) {
      read = readNested(wire, node === undefined ? noNames : namesOf(node), true);
    } else if (tag === tags.pulled.problem) problem = problemIn(wire);
    else wire.skip(tag, tags.pulled.fields);
  }
  wire.leave(outer);
  while (wire.position < wire.end) wire.skip(wire.tag(), tags.message.fields);
  if (node === undefined) throw new MalformedMessage('a pulled node without its name');
  return { node, ...(read !== undefined && { read }), ...(problem !== undefined && { problem }) };
}

function problemIn(wire: WireReader): ToldProblem {
  let reason = '';
  let message = '';
  const outer = wire.enter();
  while (wire.position < wire.end) {
    const tag = wire.tag();
    if (tag === tags.problem.reason) reason = text(wire, longestReason);
    else if (tag === tags.problem.message) message = text(wire, longestMessage);
    else wire.skip(tag, tags.problem.fields);
  }
  wire.leave(outer);
  return { reason, message };
}

/** Without what could steer a terminal or break a line. */
function text(wire: WireReader, longest: number): string {
  const length = wire.length();
  const begin = wire.position;
  wire.position += length;
  const bytes = wire.bytes.subarray(begin, begin + Math.min(length, longest));
  return bytes.toString('utf8').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}
