import { release, totalmem, uptime } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ingestService } from '@tacho/proto';
import { createCgroupTree } from 'node-cgroup-stats';
import type { Logger } from 'pino';
import { isPace } from '../../push/src/agreed-pace.ts';
import { encodedOnce } from '../../push/src/encoded-once.ts';
import { LatestReport } from '../../push/src/latest-report.ts';
import { lookupAddresses } from '../../push/src/lookup-addresses.ts';
import { Replicas } from '../../push/src/replicas.ts';
import { TrustedCas } from '../../push/src/trusted-cas.ts';
import { type EndpointAddresses, serveEndpoints } from './agent-endpoints.ts';
import { rfc3339 } from './debug/counter-points.ts';
import { type NamesOptions, openNames } from './identity/open-names.ts';
import { listedHierarchy, nodeLayout } from './layout/node-layout.ts';
import { cgroupMadeAtMs } from './pods/cgroup-directory.ts';
import { DescriptorReserve, ownOpenFilesLimit } from './sampling/descriptor-reserve.ts';
import { NodeContainers } from './sampling/node-containers.ts';
import { PodCgroups } from './sampling/pod-cgroups.ts';
import { Processors } from './sampling/processors.ts';
import { type LeftOut, Sampler } from './sampling/sampler.ts';
import { TickRecord } from './sampling/tick-record.ts';
import { TickSchedule } from './sampling/tick-schedule.ts';
import { AgentState } from './state/agent-state.ts';
import { KernelTexts } from './state/kernel-texts.ts';
import { createNodeSignals } from './state/node-signals.ts';
import { isGap } from './usage/counter-history.ts';

/** Everything that the agent is told by its flags. */
export interface AgentConfig extends NamesOptions, EndpointAddresses {
  readonly version: string;
  /** Of Node. */
  readonly nodeVersion: string;
  readonly aggregators: readonly string[];
  readonly aggregatorServerName: string | undefined;
  readonly aggregatorCaFile: string;
  readonly tokenFile: string;
  readonly cgroupRoot: string;
  readonly procRoot: string;
  readonly kubepodsPaths: readonly string[];
  /** Processors of the machine as it is now. */
  readonly cpus: number;
  /** Recent lines of the log, for the support bundle. */
  readonly recentLog: () => readonly string[];
}

/** What holds until an aggregator has spoken. */
const firstPeriodMs = 5_000;
const firstWindowUsec = 10_000_000;

/**
 * Runs the agent until the signal says stop.
 * @throws when the machine's cgroups cannot be read at all, or are not the node's
 */
export async function runAgent(config: AgentConfig, log: Logger, signal: AbortSignal): Promise<void> {
  const layout = nodeLayout(config, log.child({ component: 'cgroups' }));
  const monotonicUsec = () => performance.now() * 1000;
  const names = openNames(config, {
    log: log.child({ component: 'names' }),
    wallMs: () => Date.now(),
    sleep: (ms, until) => sleep(ms, undefined, { signal: until }).catch(() => undefined),
  });
  const containers = new NodeContainers(
    {
      hierarchy: listedHierarchy(layout),
      kubepodsPaths: config.kubepodsPaths,
      containerLogs: config.containerLogs,
    },
    log.child({ component: 'pods' }),
    { names: names.source },
  );
  const clocks = () => ({ monotonicUsec: monotonicUsec(), wallMs: Date.now() });
  const { signals, calls, readAsideAtUsec, slowFiles } = createNodeSignals({
    ...{ layout, cgroupRoot: config.cgroupRoot, procRoot: config.procRoot, monotonicUsec },
    nextTickUsec: () => schedule.nextDueMs * 1000,
    containers: () => sampler.containers(),
  });
  const reserve = new DescriptorReserve({
    log: log.child({ component: 'cgroups' }),
    calls,
    limit: ownOpenFilesLimit,
  });
  const kernelTexts = new KernelTexts({
    calls: reserve.calls,
    readAsideAtUsec,
    monotonicUsec,
    timeOf: (usec) => rfc3339(Date.now() - (monotonicUsec() - usec) / 1000),
  });
  const tree = createCgroupTree(
    layout,
    { monotonicUsec, calls: kernelTexts.calls },
    { procDirectory: config.procRoot },
  );
  const processors = new Processors(config.cpus);
  const sampler = new Sampler({
    tree,
    containers,
    monotonicUsec,
    wallMs: () => Date.now(),
    get cpus() {
      return processors.count;
    },
  });
  reserve.admit(sampler.node.files.map(({ path }) => path));
  const podCgroups = new PodCgroups({ tree, monotonicUsec });
  let windowUsec = firstWindowUsec;
  let saidLeftOut = '';
  const ticks = new TickRecord(monotonicUsec);
  const latest = new LatestReport();
  const method = encodedOnce(ingestService().Push);
  const trustedCas = new TrustedCas(config.aggregatorCaFile, monotonicUsec);

  const replicas = new Replicas(
    {
      log: log.child({ component: 'push' }),
      method,
      hello: (trustedCaSha256) => ({
        hello: {
          nodeName: config.nodeName,
          agentVersion: config.version,
          cgroupMode: layout.mode,
          trustedCaSha256,
        },
      }),
      outbox: () => latest.outbox(),
      onDirective: (directive, replica) => {
        if (isPace(directive)) return;
        const { periodUsec, windowUsec: asked } = directive;
        log.warn({ replica, periodUsec, windowUsec: asked }, 'cannot follow this directive');
      },
      onPace: (pace) => {
        windowUsec = pace.windowUsec;
        schedule.setPeriod(pace.periodUsec / 1000);
      },
      periodUsec: () => schedule.periodMs * 1000,
      lookup: lookupAddresses,
      monotonicUsec: () => Math.round(monotonicUsec()),
      random: Math.random,
      caFile: config.aggregatorCaFile,
      trustedCaSha256: () => trustedCas.sha256,
      tokenFile: config.tokenFile,
    },
    { aggregators: config.aggregators, serverName: config.aggregatorServerName },
  );
  const schedule = new TickSchedule(
    () => {
      ticks.begin();
      kernelTexts.tick();
      sampler.discover(windowUsec);
      const { report, leftOut } = sampler.sample(windowUsec);
      // The first reading rates only what is young, also after a pause, and the second one nothing where it came too soon after:
      // such a report must not take the place of a whole one that the aggregator holds, of this agent's time before or of the one
      // it replaces.
      const node = leftOut.find(({ who }) => who === 'node');
      const isReported = ticks.ticks > 0 && (node === undefined || (ticks.ticks > 2 && !isGap(node.why)));
      if (isReported) {
        latest.report = { ...report, periodUsec: schedule.periodMs * 1000 };
        replicas.flush();
      }
      const said = leftOut.map(describe).join('; ');
      if (said !== saidLeftOut && said !== '') log.debug({ leftOut: said }, 'not everything has a value yet');
      saidLeftOut = said;
      const wholePods = containers.wholePods().map(({ path }) => path);
      podCgroups.read(sampler.containers(), windowUsec, [...wholePods, ...containers.kubepodsRoots]);
      reserve.afterTick();
      ticks.end(leftOut.length - (node === undefined ? 0 : 1), isReported);
    },
    firstPeriodMs,
    () => performance.now(),
  );
  const agentState = new AgentState({
    ...{ sampler, podCgroups, latest, replicas, kernelTexts, signals, slowFiles, clocks },
    bootedAtMs: Date.now() - uptime() * 1000,
    memoryTotalBytes: totalmem(),
    madeAtMs: (path) => cgroupMadeAtMs(listedHierarchy(layout), path),
    agentVersion: config.version,
    nodeName: config.nodeName,
    cgroupMode: layout.mode,
    periodUsec: () => schedule.periodMs * 1000,
    windowUsec: () => windowUsec,
    names: containers,
  });
  const endpoints = {
    ...{ log, agentState, ticks, latest, replicas, monotonicUsec },
    ...{ version: config.version, cgroupMode: layout.mode, recentLog: config.recentLog },
    versions: { node: config.nodeVersion, kernel: release() },
    containers: () => sampler.containers(),
    namesProblem: () => containers.problem,
    periodUsec: () => schedule.periodMs * 1000,
  };
  log.info({ node: config.nodeName, cgroups: layout.mode, aggregators: config.aggregators }, 'agent starts');
  try {
    schedule.start();
    await Promise.all([replicas.run(signal), names.run(signal), serveEndpoints(endpoints, config, signal)]);
  } finally {
    schedule.stop();
    signals.close();
    podCgroups.close();
    sampler.close();
    processors.close();
  }
}

function describe({ who, why }: LeftOut): string {
  return `${who}: ${why}`;
}
