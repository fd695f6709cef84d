import { agentAccount, agentAudience, type Credentials, namespace, serverName } from './credentials.ts';
import { type Program, startProgram } from './program.ts';

const agentMain = new URL('../../agent/src/main.ts', import.meta.url);
const aggregatorMain = new URL('../../aggregator/src/main.ts', import.meta.url);

/** Ports of a running aggregator. */
export interface Ports {
  readonly secure: number;
  readonly ingest: number;
}

/** Where a program runs: an address, and the words before its command that run it there. */
export interface Place {
  readonly address: string;
  readonly within: readonly string[];
}

/** Which program is an aggregator, and where its certificate comes from. */
export interface AggregatorProgram {
  readonly main: URL;
  readonly tlsArgs: readonly string[];
}

const here: Place = { address: '127.0.0.1', within: [] };

/** Starts agents and aggregators with their real command lines, and ends them all at the end. */
export class TachoPrograms implements AsyncDisposable {
  readonly #credentials: Credentials;
  readonly #died: (sentence: string) => void;
  readonly #running = new Set<Program>();

  /** @param died is told of a program that ended although nobody had asked it to */
  constructor(credentials: Credentials, died: (sentence: string) => void) {
    this.#credentials = credentials;
    this.#died = died;
  }

  /** Resolves when it listens. Port 0 takes a free one. */
  async startAggregator(
    ports: Ports,
    extraArgs: readonly string[],
    { address, within } = here,
    own?: AggregatorProgram,
  ): Promise<{ program: Program; ports: Ports }> {
    const { path } = this.#credentials;
    const program = this.#start('aggregator', own?.main ?? aggregatorMain, 'aggregator.log', within, [
      `--bind-address=${address}`,
      `--secure-port=${ports.secure}`,
      `--ingest-port=${ports.ingest}`,
      ...(own?.tlsArgs ?? [
        '--tls=files',
        `--tls-cert-file=${path('serving.crt')}`,
        `--tls-private-key-file=${path('serving.key')}`,
      ]),
      `--kubeconfig=${path('aggregator-kubeconfig')}`,
      `--namespace=${namespace}`,
      `--agent-service-account=${agentAccount}`,
      `--agent-audience=${agentAudience}`,
      ...extraArgs,
    ]);
    const listens = await program.logged('aggregator listens');
    return {
      program,
      ports: { secure: Number(listens['securePort']), ingest: Number(listens['ingestPort']) },
    };
  }

  /**
   * @param podUid of the agent's pod, where it matters
   * @param replica that it is told of
   */
  startAgent(
    nodeName: string,
    ports: Ports,
    extraArgs: readonly string[],
    podUid?: string,
    { within, replica }: { readonly within: readonly string[]; readonly replica: string } = {
      within: here.within,
      replica: here.address,
    },
  ): Program {
    const { path, writeAgentToken } = this.#credentials;
    return this.#start('agent', agentMain, `agent-${podUid ?? nodeName}.log`, within, [
      `--aggregator=${replica}:${ports.ingest}`,
      `--aggregator-server-name=${serverName}`,
      `--aggregator-ca-file=${path('ca.crt')}`,
      `--token-file=${writeAgentToken(nodeName, podUid)}`,
      `--node-name=${nodeName}`,
      ...extraArgs,
    ]);
  }

  /** Ends a program with SIGTERM, on purpose; resolves with how it ended. */
  async stop(program: Program): Promise<string> {
    this.#running.delete(program);
    await program.stop();
    return program.ended;
  }

  /** Ends a program with SIGKILL, on purpose. */
  async kill(program: Program): Promise<void> {
    this.#running.delete(program);
    await program.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const programs = [...this.#running];
    this.#running.clear();
    await Promise.all(programs.map((program) => program.stop()));
  }

  #start(
    name: string,
    main: URL,
    logFile: string,
    within: readonly string[],
    args: readonly string[],
  ): Program {
    const program = startProgram(name, main, args, { logFile: this.#credentials.path(logFile), within });
    this.#running.add(program);
    void program.ended.then((how) => {
      if (this.#running.delete(program)) this.#died(`${how}; its last words:\n${program.tail()}`);
    });
    return program;
  }
}
