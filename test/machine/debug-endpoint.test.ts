import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerState, DebugState, PodDetail } from '../../agent/src/debug/debug-state.ts';
import type { StatsSummary } from '../../agent/src/debug/kubelet/stats-summary.ts';
import { runExplain } from '../../agent/src/explain/explain-command.ts';
import { freePort } from '../free-port.ts';
import { cpuNanosecondsOf } from '../kernel/checks/kernel-text.ts';
import { until } from '../kernel/checks/until.ts';
import { type OneMachine, startOneMachine } from '../one-machine/one-machine.ts';
import { demoPods } from '../stand-ins/kubelet/pod-spec.ts';
import { cgroupRefusal } from './cgroup-rights.ts';

const refusal = await cgroupRefusal('debug-endpoint.test.ts');

describe.skipIf(refusal !== undefined)('the debug endpoint of a real agent', () => {
  let machine: OneMachine;
  let debugPort = 0;
  let healthPort = 0;
  const failures: string[] = [];

  const ask = async (path: string, port = debugPort) => fetch(`http://127.0.0.1:${port}${path}`);
  const askJson = async <Body>(path: string) => (await (await ask(path)).json()) as Body;
  /** The agent's real token, planted by being there. */
  const token = () => {
    const words = readFileSync(`/proc/${machine.agent.pid}/cmdline`, 'utf8').split('\0');
    const file = words.find((word) => word.startsWith('--token-file='))?.slice('--token-file='.length) ?? '';
    return readFileSync(file, 'utf8').trim();
  };

  beforeAll(async () => {
    [debugPort, healthPort] = [await freePort(), await freePort()];
    machine = await startOneMachine({
      pods: demoPods(3600),
      metricResolution: '1s',
      agentArgs: [
        `--debug-port=${debugPort}`,
        `--health-port=${healthPort}`,
        '--health-bind-address=127.0.0.1',
      ],
      onFailure: (what) => failures.push(what),
    });
    await machine.agent.logged('stream to aggregator is open');
    const isPushed = async () => {
      const { pods, report } = await askJson<DebugState>('/debug/state');
      return pods.length === report?.pods && pods.every(({ containers }) => containers[0]?.pushed);
    };
    await until('every pod pushed', isPushed, 30_000);
  });
  afterAll(async () => {
    await machine?.close();
    expect(failures).toEqual([]);
  });

  test('follows a container from the kernel’s text to the replica', async () => {
    const textsOf = ({ pods }: PodDetail) => pods[0]?.containers[0]?.kernelFiles ?? [];
    let detail = await askJson<PodDetail>('/debug/pods/default/cpu-quota');
    const hasTickTexts = async () => {
      detail = await askJson<PodDetail>('/debug/pods/default/cpu-quota');
      // Not in the moment between a report and its leaving.
      const isSent = detail.replicas[0]?.sent?.sampledAt === detail.report?.sampledAt;
      return isSent && textsOf(detail).every(({ readFor }) => readFor === 'tick');
    };
    await until('texts of a tick that was sent', hasTickTexts, 10_000);
    const container = detail.pods[0]?.containers[0] as ContainerState;
    const cpu = container.kernelFiles?.find(({ path }) => /(?:cpu\.stat|cpuacct\.usage)$/.test(path));
    const last = container.counters.at(-1);
    expect(BigInt(Math.round((last?.cpuUsageUsec ?? Number.NaN) * 1000))).toBe(
      cpuNanosecondsOf(cpu?.text ?? ''),
    );
    const { cpuNanocores = Number.NaN, windowUsec = Number.NaN } = container.rate ?? {};
    // Its start, where the container is younger than the window: there is no reading of it.
    const before = container.counters.find(
      ({ at }) => Math.abs(Date.parse(last?.at ?? '') - Date.parse(at) - windowUsec / 1000) <= 2,
    );
    const usedNsec = ((last?.cpuUsageUsec ?? Number.NaN) - (before?.cpuUsageUsec ?? 0)) * 1000;
    // The window is told in whole µs.
    expect(Math.abs(cpuNanocores - (usedNsec * 1e6) / windowUsec)).toBeLessThan(1 + cpuNanocores * 1e-6);
    expect(container.pushed).toMatchObject({ ...container.rate });
    const [replica] = detail.replicas;
    expect(replica).toMatchObject({ connected: true, answered: { periodUsec: 1_000_000 } });
    expect(replica?.sent?.sampledAt).toBe(detail.report?.sampledAt);
    expect(replica?.sent?.reports).toBeGreaterThanOrEqual(1);
  });

  test('says why a pod is not there', async () => {
    const response = await ask('/debug/pods/default/nobody');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'unknown-pod', mend: expect.any(String) });
  });

  test('sends an event a tick, the later ones with what is new', async () => {
    const response = await ask('/debug/events');
    const counts: number[] = [];
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      const events = text.split('\n\n').slice(1, -1);
      counts.splice(
        0,
        counts.length,
        ...events.map((each) => JSON.parse(each.slice(6)).node.counters.length),
      );
      if (counts.length >= 3) break;
    }
    expect(counts[0]).toBeGreaterThan(1);
    expect(counts.slice(1, 3)).toEqual([1, 1]);
  });

  test('tells what a kubelet tells of the same containers', async () => {
    const page = await (await ask('/metrics/resource')).text();
    const { pods } = await askJson<StatsSummary>('/stats/summary');
    for (const { podRef, containers } of pods) {
      const labels = `{container="${containers[0]?.name}",namespace="${podRef.namespace}",pod="${podRef.name}"}`;
      const [, seconds] = page.split(`container_cpu_usage_seconds_total${labels} `);
      const later = (containers[0]?.cpu?.usageCoreNanoSeconds ?? Number.NaN) / 1e9;
      expect(later).toBeGreaterThanOrEqual(Number.parseFloat(seconds ?? ''));
      expect(page).toContain(`pod_memory_working_set_bytes{namespace="default",pod="${podRef.name}"}`);
    }
    expect(pods).toHaveLength(machine.workloads?.pods.length ?? 0);
    expect(page).toContain('resource_scrape_error 0\n');
  });

  test('hands out a bundle with everything in it but the agent’s token', async () => {
    const response = await ask('/debug/bundle');
    const tar = extract();
    Readable.from(Buffer.from(await response.arrayBuffer()))
      .pipe(createGunzip())
      .pipe(tar);
    const files = new Map<string, string>();
    for await (const entry of tar) {
      let text = '';
      for await (const chunk of entry) text += String(chunk);
      files.set(entry.header.name.replace(/^[^/]*\//, ''), text);
    }
    expect(files.get('log.jsonl')).toContain('stream to aggregator is open');
    expect(files.get('kernel-files.txt')).toContain(
      machine.workloads?.pods[0]?.containers[0]?.cgroupPath ?? '?',
    );
    const all = [...files.values(), await (await ask('/debug/state')).text()].join('\n');
    expect(token().length).toBeGreaterThan(20);
    expect(all).not.toContain(token());
  });

  test('is what explain prints', async () => {
    let out = '';
    const args = ['default/idle', `--debug-port=${debugPort}`];
    const write = (text: string) => {
      out += text;
    };
    expect(await runExplain({ args, version: '0', out: write, err: write })).toBe(0);
    expect(out).toMatch(/^default\/idle on /);
    expect(out).toMatch(/kernel {4}.*\n {6}\S+memory\.stat/);
    expect(out).toMatch(/rate {6}\d+ nanocores/);
  });

  test('is beside a health endpoint that is ready', async () => {
    expect(await (await ask('/readyz?verbose', healthPort)).text()).toBe(
      '[+]ping ok\n[+]names ok\n[+]tick ok\n[+]replica ok\nreadyz check passed\n',
    );
    const metrics = await (await ask('/metrics', healthPort)).text();
    expect(metrics).toContain(`\ntacho_agent_pods ${machine.workloads?.pods.length}\n`);
    expect(metrics).not.toContain('cpu-quota');
  });
});
