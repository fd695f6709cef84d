import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Client, type ClientDuplexStream, credentials, Metadata } from '@grpc/grpc-js';
import type { AgentMessage, AggregatorMessage, PushMethod } from '@tacho/proto';
import type { Keepalive } from './keepalive.ts';
import { readToken } from './token-file.ts';

/** How one aggregator replica is reached and whom it must prove to be. */
export interface ReplicaAddress {
  /** `ip:port` */
  readonly target: string;
  /** Name that the replica's certificate must carry. */
  readonly serverName: string;
}

/** What a call is made with. */
export interface ReplicaCallOptions {
  readonly method: PushMethod;
  /** PEM bundle that the replica's certificate must chain to. */
  readonly caFile: string;
  readonly tokenFile: string;
  readonly keepalive: Keepalive;
  readonly times: CallTimes;
  /** Told in words what has not come in time. */
  readonly tooLate: (what: string) => void;
}

/** How long to wait for what; docs/architecture.md has the sum of it. */
export interface CallTimes {
  /** For a TCP connection: the kernel's own next tries come ever later, a new attempt's at once. */
  readonly connectMs: number;
  /** From there to the replica's first word. grpc-js waits for ever on a peer that accepts and stays silent. */
  readonly answerMs: number;
}

/** A call to a replica, on a connection of its own. */
export interface ReplicaCall {
  readonly stream: ClientDuplexStream<AgentMessage, AggregatorMessage>;
  /** Runs what others do with a message: the sockets that they open, now or ever after, are none of this call's. */
  readonly outside: (handle: () => void) => void;
  /** Leaves nothing behind. A replica that has said a word is told. */
  end(): void;
}

/**
 * grpc-js lets go of a connection only once HTTP/2 speaks on it. One that waits for TCP or TLS it keeps after its client was
 * closed, the latter for ever, so a peer that accepts and stays silent would take a descriptor with every attempt.
 */
const tellOfSocket = new AsyncLocalStorage<(socket: Socket) => void>();
subscribe('net.client.socket', (message) => {
  tellOfSocket.getStore()?.((message as { readonly socket: Socket }).socket);
});

/** @throws where a file cannot be used; then nothing is left */
export function callReplica(
  { serverName, target }: ReplicaAddress,
  { caFile, keepalive, method, times, tokenFile, tooLate }: ReplicaCallOptions,
): ReplicaCall {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${readToken(tokenFile)}`);
  const channel = credentials.createSsl(readFileSync(caFile));
  const outside = AsyncLocalStorage.snapshot();
  const sockets: Socket[] = [];
  const giveUpAfter = (ms: number, what: string) =>
    setTimeout(() => tooLate(`no ${what} within ${ms / 1000} s`), ms);
  let giveUp = giveUpAfter(times.connectMs, 'connection');
  let ended = false;
  const opened = (socket: Socket) => {
    if (ended) socket.destroy();
    sockets.push(socket);
    socket.once('connect', () => {
      clearTimeout(giveUp);
      giveUp = giveUpAfter(times.answerMs, 'answer');
    });
  };
  return tellOfSocket.run(opened, () => {
    const client = new Client(target, channel, {
      'grpc.ssl_target_name_override': serverName,
      'grpc.default_authority': serverName,
      'grpc.keepalive_time_ms': keepalive.idleMs,
      'grpc.keepalive_timeout_ms': keepalive.answerMs,
      // A channel of its own for each attempt: a failed one must not hold the next one back.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
      // Otherwise grpc-js keeps up to 1 MiB that is not on its way yet, and calls it written.
      'grpc.per_rpc_retry_buffer_size': 0,
    });
    const stream = client.makeBidiStreamRequest<AgentMessage, AggregatorMessage>(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      metadata,
    );
    stream.once('data', () => {
      clearTimeout(giveUp);
      sockets.length = 0;
    });
    return {
      stream,
      outside,
      end() {
        ended = true;
        clearTimeout(giveUp);
        stream.cancel();
        client.close();
        for (const socket of sockets.splice(0)) socket.destroy();
      },
    };
  });
}
