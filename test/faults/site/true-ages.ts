import { get } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Measured } from './main.ts';
import type { Site } from './site.ts';

const debugPort = 10252;

/** The parts of `/debug/nodes/NAME` that are read. */
interface ListedNode {
  readonly lastReport: { readonly ageMs: number } | null;
  readonly clock: { readonly roundTripMs: number | null };
}

/** What a replica makes of the time of a node's last report; on the wall clock that all share. */
interface Placed {
  readonly sampledMs: number;
  readonly askedMs: number;
  /** The shortest way there and back; null before an echo has come back. */
  readonly roundTripMs: number | null;
}

/** When a node was sampled: what its agent says of it, and what each replica makes of it. */
export class TrueAges {
  readonly #site: Site;
  readonly #node: string;
  readonly #beginMs = Date.now();
  readonly #sampledMs = new Set<number>();
  /** Of each replica, as the age that it tells has it. */
  readonly #placed = new Map<string, Placed[]>();

  constructor(site: Site, node: string) {
    this.#site = site;
    this.#node = node;
  }

  /** To be called at least once a minute: as long an agent remembers when it has sampled. */
  async look(): Promise<void> {
    const { reading, replicas } = this.#site;
    for (const { name } of replicas) {
      const askedMs = Date.now();
      const { body } = await reading.ask(name, `/debug/nodes/${this.#node}`);
      const answeredMs = Date.now();
      const { lastReport, clock } = JSON.parse(body) as ListedNode;
      if (lastReport === null) continue;
      const placedMs = (askedMs + answeredMs) / 2 - lastReport.ageMs;
      const placed = { sampledMs: placedMs, askedMs, roundTripMs: clock.roundTripMs };
      this.#placed.set(name, [...(this.#placed.get(name) ?? []), placed]);
    }
    // After: what a replica has, the agent has had before.
    for (const ms of await sampledMs(this.#site.node(this.#node).place.address)) this.#sampledMs.add(ms);
  }

  /**
   * By how much a replica was wrong at most. Samples are at least half a second apart, so each is compared with the nearest.
   * @param mostRoundTripMs looks at which the replica knew of no way as short as that do not count; at least half must
   */
  measure(
    measured: Measured,
    replica: string,
    exactMs: number,
    mostRoundTripMs = Number.POSITIVE_INFINITY,
  ): void {
    const sampled = [...this.#sampledMs];
    const placed = this.#placed.get(replica) ?? [];
    const certain = placed.filter(({ roundTripMs }) => (roundTripMs ?? Number.NaN) <= mostRoundTripMs);
    const share = (100 * certain.length) / placed.length;
    measured(`${this.#node} on ${replica}: looks at which its age was certain, %`, share, 100, 50);
    const [worst] = certain
      .map((each) => ({
        ...each,
        errorMs: Math.min(...sampled.map((ms) => Math.abs(ms - each.sampledMs))),
      }))
      .toSorted((one, other) => other.errorMs - one.errorMs);
    if (worst === undefined) throw new Error(`${replica} has told no age of ${this.#node}`);
    const { askedMs, errorMs, roundTripMs } = worst;
    const when = `after ${askedMs - this.#beginMs} ms, by a way of ${roundTripMs} ms there and back`;
    measured(`${this.#node} on ${replica}: age is wrong by, ms (${when})`, errorMs, exactMs);
  }
}

/** When the agent has sampled in the last minute. The replica may have an earlier report than the newest. */
async function sampledMs(address: string): Promise<readonly number[]> {
  const answer = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    const url = `http://${address}:${debugPort}/debug/state`;
    get(url, { agent: false, signal: AbortSignal.timeout(20_000) }, resolve).on('error', reject);
  });
  const { node } = (await json(answer)) as { node: { counters: readonly { at: string }[] } };
  return node.counters.map(({ at }) => Date.parse(at));
}
