import type { PodUsage } from '@tacho/proto';
import { FixtureAgent } from './fixture-agent.ts';

const usage = { cpuNanocores: 2_000_000, memoryWorkingSetBytes: 1_048_576, windowUsec: 15_000_000 };
const lookEveryMs = 50;
const usec = (ms: number) => Math.round(ms * 1_000);

/** A puller as far as the aggregator sees it: it answers echoes, and reports the nodes that it is asked for each second. */
export class FixturePuller implements Disposable {
  readonly #agent: FixtureAgent;
  readonly #timer: NodeJS.Timeout;
  readonly #podsOf: (node: string) => readonly string[];
  #read = 0;
  #saidMs = Number.NEGATIVE_INFINITY;
  /** What it is asked for now. */
  asked: readonly string[] = [];
  /** What it says in the place of a report, by node. */
  readonly problems = new Map<string, string>();

  /** @param podsOf the pods of namespace `tacho` on a node */
  constructor(port: number, ca: string, authorization: string, podsOf: (node: string) => readonly string[]) {
    this.#agent = new FixtureAgent(port, ca, authorization);
    this.#podsOf = podsOf;
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
    this.#agent.say({ pullerHello: { pullerName: 'puller', pullerVersion: '0.1.0' } });
  }

  /** How its call ended. */
  get ended() {
    return this.#agent.ended;
  }

  #look(): void {
    const { received } = this.#agent;
    for (; this.#read < received.length; this.#read += 1) {
      const { echo, nodesToPull } = received[this.#read] ?? {};
      if (echo) {
        const monotonicUsec = usec(performance.now());
        this.#agent.say({ echoReply: { nonce: echo.nonce, monotonicUsec } });
      }
      if (nodesToPull) this.asked = (nodesToPull.nodes ?? []).map(({ name }) => name);
    }
    if (performance.now() - this.#saidMs < 1_000) return;
    this.#saidMs = performance.now();
    for (const node of this.asked) this.#pull(node);
  }

  /** As a kubelet has it: sampled a while ago, each container at another time. */
  #pull(nodeName: string): void {
    const message = this.problems.get(nodeName);
    if (message !== undefined) {
      this.#agent.say({ pulledNode: { nodeName, problem: { reason: 'hung', message } } });
      return;
    }
    const pods = this.#podsOf(nodeName).map((name, index): PodUsage => {
      const containers = [{ name: 'app', usage }];
      return { namespace: 'tacho', name, uid: '', containers, olderByUsec: (index + 1) * 400_000 };
    });
    const sampleMonotonicUsec = usec(performance.now() - 700);
    const report = {
      sampleMonotonicUsec,
      node: usage,
      pods,
      periodUsec: 1_000_000,
      nodeOlderByUsec: 300_000,
    };
    this.#agent.say({ pulledNode: { nodeName, report } });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#agent[Symbol.dispose]();
  }
}
