import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeReport } from '@tacho/proto';
import { agentRuntime } from '../../image/agent-runtime.ts';
import { FixtureReplica } from '../../push/src/fixture-replica.ts';
import { freePort } from '../free-port.ts';
import { createCertificateAuthority } from '../stand-ins/kube-apiserver/pki.ts';
import { Bundle, BundledAgent } from './bundled-agent.ts';

const serverName = 'tacho-aggregator.tacho.svc';
const periodUsec = 1_000_000;

/** How a watched agent is started. */
export interface WatchedAgentOptions {
  /** Beside those that the stream needs. */
  readonly args: readonly string[];
  /** Said in front of `node`. */
  readonly wrapper?: readonly string[];
}

/** A bundled agent at a period of one second, whose reports are all looked at. */
export class WatchedAgent implements AsyncDisposable {
  readonly agent: BundledAgent;
  readonly debugUrl: string;
  readonly #replica: FixtureReplica;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    agent: BundledAgent,
    replica: FixtureReplica,
    port: number,
    stack: AsyncDisposableStack,
  ) {
    this.agent = agent;
    this.debugUrl = `http://127.0.0.1:${port}`;
    this.#replica = replica;
    this.#stack = stack;
  }

  static async start({ args, wrapper = [] }: WatchedAgentOptions): Promise<WatchedAgent> {
    await using stack = new AsyncDisposableStack();
    const folder = stack.adopt(mkdtempSync(join(tmpdir(), 'tacho-watched-')), (path) =>
      rmSync(path, { recursive: true }),
    );
    const authority = await createCertificateAuthority('serving-ca');
    writeFileSync(join(folder, 'ca.crt'), authority.certificate);
    writeFileSync(join(folder, 'token'), 'token\n');
    const replica = stack.use(
      await FixtureReplica.listen(await authority.issueServing([serverName]), { periodUsec }),
    );
    const bundle = stack.use(await Bundle.make());
    const port = await freePort();
    const agent = stack.use(
      new BundledAgent({
        bundle,
        wrapper,
        nodeFlags: agentRuntime.nodeFlags,
        env: agentRuntime.env,
        args: [
          `--aggregator=${replica.address}`,
          `--aggregator-server-name=${serverName}`,
          `--aggregator-ca-file=${join(folder, 'ca.crt')}`,
          `--token-file=${join(folder, 'token')}`,
          '--node-name=watched',
          `--debug-port=${port}`,
          '--health-port=0',
          ...args,
        ],
      }),
    );
    await agent.logged('stream to aggregator is open');
    return new WatchedAgent(agent, replica, port, stack.move());
  }

  /** The reports since the last time, oldest first. */
  reports(): readonly NodeReport[] {
    return this.#replica.calls.flatMap(({ messages }) =>
      messages.splice(0).flatMap(({ report }) => (report === undefined ? [] : [report])),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
