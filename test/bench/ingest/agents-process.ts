/** Many agents of a made-up cluster in a process of their own: lean ones, and a few as the agent's program has them. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { ingestService, type NodeReport, type PushMethod } from '@tacho/proto';
import { pino } from 'pino';
import { LatestReport } from '../../../push/src/latest-report.ts';
import { ReplicaStream } from '../../../push/src/replica-stream.ts';
import { TrustedCas } from '../../../push/src/trusted-cas.ts';
import { serverName } from '../../one-machine/credentials.ts';
import { type ClusterSize, MadeCluster } from '../list-cluster.ts';
import { AgentReport } from './agent-report.ts';
import { agentPod } from './fleet-cluster.ts';
import { type AgentCounts, LeanAgent } from './lean-agent.ts';
import { obey } from './ordered-process.ts';
import { PushSchedule } from './push-schedule.ts';

/** The agents of one process: every so many of the nodes. */
export interface AgentsOptions {
  readonly size: ClusterSize;
  readonly firstNode: number;
  readonly everyNodes: number;
  readonly port: number;
  readonly caFile: string;
  /** Of all nodes. */
  readonly tokenFiles: readonly string[];
  /** How many of the agents use grpc-js, through the agent's own code. */
  readonly real: number;
}

interface FleetAgent {
  readonly node: number;
  readonly nodeName: string;
  readonly isReal: boolean;
  readonly report: AgentReport;
  /** Reports that its present stream has taken. */
  readonly sent: () => number;
  readonly push: (report: NodeReport) => void;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

const monotonicUsec = () => Number(process.hrtime.bigint() / 1000n);
const stop = new AbortController();
const counts: AgentCounts = { connected: 0, attempts: 0, replaced: 0, ends: {} };
let agents: readonly FleetAgent[] = [];
let schedule = new PushSchedule(1);
let periodUsec = 0;
let paused = false;
const tickMs = 1;

function agentsOf({ size, firstNode, everyNodes, ...options }: AgentsOptions): readonly FleetAgent[] {
  const { caFile, port, real, tokenFiles } = options;
  const cluster = new MadeCluster(size);
  const method = ingestService().Push;
  const context = createSecureContext({ ca: readFileSync(caFile) });
  const trustedCas = new TrustedCas(caFile, monotonicUsec);
  const trustedCaSha256 = () => trustedCas.sha256;
  const nodes = Array.from({ length: size.nodes }, (_, node) => node);
  const own = nodes.filter((node) => node % everyNodes === firstNode);
  const realEvery = Math.ceil(own.length / real);
  return own.map((node, at) => {
    const made = cluster.report(node, 1, false);
    const nodeName = made.node;
    const isReal = at % realEvery === 0;
    const tokenFile = tokenFiles[node] ?? '';
    const agent = isReal
      ? realAgent({ nodeName, method, caFile, tokenFile, port, trustedCaSha256 })
      : new LeanAgent(
          { port, serverName, nodeName, tokenFile, localAddress: localAddress(node) },
          { method, context, counts, onPeriod, trustedCaSha256, monotonicUsec },
        );
    return {
      ...{ node, nodeName, isReal },
      report: new AgentReport(made.report, agentPod(node, nodeName), Math.random),
      sent: () => agent.sent,
      push: (report) => agent.push(report),
      run: (signal) => agent.run(signal),
    };
  });
}

/** From 127.0.0.1: grpc-js lets nobody choose. */
function realAgent(options: {
  readonly nodeName: string;
  readonly method: PushMethod;
  readonly caFile: string;
  readonly tokenFile: string;
  readonly port: number;
  readonly trustedCaSha256: () => readonly Uint8Array[];
}) {
  const { nodeName, port, ...deps } = options;
  let connected = false;
  const latest = new LatestReport();
  const agent = new ReplicaStream(
    { target: `127.0.0.1:${port}`, serverName },
    {
      ...{ ...deps, log: pino({ level: 'silent' }), monotonicUsec, random: Math.random },
      hello: (trustedCaSha256) => ({
        hello: { nodeName, agentVersion: '0.0.0', cgroupMode: 'v2', trustedCaSha256 },
      }),
      outbox: latest.outbox(),
      onDirective: (directive) => onPeriod(directive.periodUsec),
      periodUsec: () => periodUsec || 5_000_000,
      onChange() {
        const { connected: now, lastError } = agent.state;
        if (now === connected) return;
        counts.connected += now ? 1 : -1;
        if (!now) counts.ends[`grpc-js: ${lastError}`] = (counts.ends[`grpc-js: ${lastError}`] ?? 0) + 1;
        connected = now;
      },
    },
  );
  return {
    get sent() {
      return agent.record.sent?.reports ?? 0;
    },
    push(report: NodeReport) {
      // One object is written over each period; what was sent already is not sent again.
      latest.report = { ...report };
      agent.flush();
    },
    run: (signal: AbortSignal) => agent.run(signal),
  };
}

/** What one agent is told holds for all: they are told the same. */
function onPeriod(told: number): void {
  if (told !== periodUsec) schedule.begin(monotonicUsec(), told);
  periodUsec = told;
}

/** Every node its own, as in a cluster: limits for each address hold. */
function localAddress(node: number): string {
  return `127.${16 + (node >> 16)}.${(node >> 8) & 255}.${node & 255}`;
}

async function pushInTurn(): Promise<void> {
  while (!stop.signal.aborted) {
    for (const at of schedule.due(monotonicUsec())) {
      const agent = agents[at];
      if (!paused && agent !== undefined) agent.push(agent.report.at(monotonicUsec()));
    }
    await sleep(tickMs);
  }
}

const orders = {
  /** @returns how many containers the agents report in all */
  prepare(options: AgentsOptions): number {
    agents = agentsOf(options);
    schedule = new PushSchedule(agents.length);
    return agents.reduce((sum, { report }) => sum + report.containers, 0);
  },

  /** Begins to connect, one after the other in this time. The agents go on until the process ends. */
  async connect({ spreadMs }: { readonly spreadMs: number }): Promise<void> {
    void pushInTurn();
    const beginMs = performance.now();
    for (const [at, { push, report, run }] of agents.entries()) {
      const waitMs = beginMs + (at / agents.length) * spreadMs - performance.now();
      if (waitMs > 1) await sleep(waitMs);
      push(report.at(monotonicUsec()));
      void run(stop.signal);
    }
  },

  /** No report goes out until it is told otherwise. */
  pause(wanted: boolean): void {
    paused = wanted;
  },

  /** Whose turn is the first in so many microseconds. */
  next({ inUsec, real }: { readonly inUsec: number; readonly real: boolean }) {
    const { agent, dueUsec } = schedule.next(monotonicUsec() + inUsec, (at) => agents[at]?.isReal === real);
    const { node = 0, nodeName = '' } = agents[agent] ?? {};
    return { ...agentPod(node, nodeName), dueUsec };
  },

  counts(_: undefined) {
    return { ...counts, periodUsec, sent: agents.reduce((sum, { sent }) => sum + sent(), 0) };
  },
};

export type AgentsOrders = typeof orders;

obey(orders, async () => stop.abort());
