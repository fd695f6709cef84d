import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Directive, ingestService, type NodeReport } from '@tacho/proto';
import pino from 'pino';
import { LatestReport } from './latest-report.ts';
import { Replicas, type ReplicasOptions } from './replicas.ts';

interface FixtureOptions extends Partial<ReplicasOptions> {
  readonly addresses?: readonly string[];
}

/** The agent's side of all streams: a DNS that a test can change, and a log that is kept. */
export class FixtureReplicas implements AsyncDisposable {
  /** What DNS answers; `error` before all else. */
  readonly dns: { addresses: readonly string[]; error: Error | undefined; hangs: boolean };
  /** Names that DNS was asked for. */
  readonly asked: string[] = [];
  /** How many times chance was asked how long to wait. */
  waited = 0;
  readonly directives: Directive[] = [];
  readonly periodsUsec: number[] = [];
  readonly log: Record<string, unknown>[] = [];
  readonly replicas: Replicas;
  readonly #directory: string;
  readonly #latest = new LatestReport();
  readonly #stop = new AbortController();
  #ended: Promise<void> | undefined;

  constructor(
    aggregators: readonly string[],
    ca: string,
    { addresses = [], ...options }: FixtureOptions = {},
  ) {
    this.dns = { addresses, error: undefined, hangs: false };
    this.#directory = mkdtempSync(join(tmpdir(), 'tacho-push-'));
    const file = (name: string, text: string) => {
      writeFileSync(join(this.#directory, name), text);
      return join(this.#directory, name);
    };
    try {
      this.replicas = new Replicas(
        {
          log: pino({ level: 'debug' }, { write: (line) => this.log.push(JSON.parse(line)) }),
          method: ingestService().Push,
          hello: (trustedCaSha256) => ({
            hello: { nodeName: 'n1', agentVersion: '0.1.0', cgroupMode: 'v2', trustedCaSha256 },
          }),
          outbox: () => this.#latest.outbox(),
          onDirective: (directive) => this.directives.push(directive),
          onPace: ({ periodUsec }) => this.periodsUsec.push(periodUsec),
          periodUsec: () => this.directives.at(-1)?.periodUsec ?? 5_000_000,
          lookup: async (host) => {
            this.asked.push(host);
            if (this.dns.hangs) return new Promise(() => undefined);
            if (this.dns.error !== undefined) throw this.dns.error;
            return this.dns.addresses;
          },
          monotonicUsec: () => Math.round(performance.now() * 1000),
          random: () => {
            this.waited += 1;
            return 0;
          },
          caFile: file('ca.crt', ca),
          trustedCaSha256: () => [],
          tokenFile: file('token', 'token-1'),
        },
        { aggregators, serverName: undefined, ...options },
      );
    } catch (error) {
      rmSync(this.#directory, { recursive: true, force: true });
      throw error;
    }
  }

  push(report: NodeReport): this {
    this.#latest.report = report;
    this.replicas.flush();
    return this;
  }

  run(): this {
    this.#ended = this.replicas.run(this.#stop.signal);
    return this;
  }

  /** Addresses of the replicas whose stream is open, sorted. */
  connected(): readonly string[] {
    const open = this.replicas.state().filter(({ connected }) => connected);
    return open.map(({ address }) => address).sort();
  }

  /** Warnings about the replicas, without those of single streams. */
  sentences(): readonly unknown[] {
    return this.log.flatMap(({ level, msg }) =>
      Number(level) >= 40 && msg !== 'stream to aggregator ended' ? [msg] : [],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
