import type { AgentMessage, NodeReport, PushMethod } from '@tacho/proto';

/** The method for all streams of one agent: a report that goes to every replica is made bytes once. */
export function encodedOnce(method: PushMethod): PushMethod {
  let last: NodeReport | undefined;
  let bytes: Buffer = Buffer.alloc(0);
  return {
    ...method,
    requestSerialize(message: AgentMessage): Buffer {
      if (message.report === undefined) return method.requestSerialize(message);
      if (message.report !== last) {
        bytes = method.requestSerialize(message);
        last = message.report;
      }
      return bytes;
    },
  };
}
