import type { AgentMessage, NodeReport, PulledNode, PushMethod } from '@tacho/proto';

/** The method for all streams of one program: what goes to every replica is made bytes once. */
export function encodedOnce(method: PushMethod): PushMethod {
  let last: NodeReport | PulledNode | undefined;
  let bytes: Buffer = Buffer.alloc(0);
  return {
    ...method,
    requestSerialize(message: AgentMessage): Buffer {
      const said = message.report ?? message.pulledNode;
      if (said === undefined) return method.requestSerialize(message);
      if (said !== last) {
        bytes = method.requestSerialize(message);
        last = said;
      }
      return bytes;
    },
  };
}
