import { status } from '@grpc/grpc-js';
import type { AgentRefusal } from './agent-node.ts';
import type { Call } from './push-service.ts';

/** The gRPC status of a refusal. */
export const refusalStatus: Readonly<Record<AgentRefusal['code'], status>> = {
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  unavailable: status.UNAVAILABLE,
};

/** Ends a call with a word for its peer. */
export function endCall(call: Call, code: status, details: string): void {
  call.emit('error', { code, details });
}

/** A peer without its port: each of its connections has another one. */
export function addressOf(peer: string): string {
  return peer.replace(/:\d+$/, '');
}
