/** Watches of a snapshot with a clock of the test's own: nothing here waits for time to pass. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ChangeHistory, type ChangeHistoryBounds } from '../../snapshot/change-history.ts';
import { cluster, report } from '../../snapshot/fixture-snapshot.ts';
import { type Asked, requestFor, version } from '../fixture-reader.ts';
import { isWatchBody } from '../protocol/api-message.ts';
import { createMetricsApi } from '../routes.ts';
import { type WatchBounds, Watches } from './watches.ts';

/** An event of a JSON watch, as far as the tests look. */
export interface ReadEvent {
  readonly type: string;
  readonly object: {
    readonly kind: string;
    readonly metadata: {
      readonly name?: string;
      readonly resourceVersion?: string;
      readonly annotations?: object;
    };
    readonly [member: string]: unknown;
  };
}

interface Bounds {
  readonly watches?: Partial<WatchBounds>;
  readonly history?: ChangeHistoryBounds;
  readonly begun?: boolean;
}

/** Node n1 with pod `web` and node n2 with pod `far`, as in the fixture of the snapshot, both reported. */
export function watchedCluster({ watches: bounds, history: historyBounds, begun = true }: Bounds = {}) {
  const { snapshot, clock, ...objects } = cluster();
  const history = new ChangeHistory(snapshot, historyBounds);
  if (begun) history.begin();
  clock.ms += 1;
  const reportNode = (node: string, ...podNames: string[]) => snapshot.put(node, report(podNames), clock.ms);
  reportNode('n1', 'web');
  reportNode('n2', 'far');
  const timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();
  const refused: string[] = [];
  const watches = new Watches({
    ...{ source: history, reader: snapshot, monotonicMs: () => clock.ms, random: () => 0.5 },
    after(ms, callback) {
      const timer = { atMs: clock.ms + ms, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    served: () => {},
    refused: () => refused.push('watches'),
    ...(bounds !== undefined && { bounds }),
  });
  const api = createMetricsApi({
    ...{ reader: snapshot, watches, revisions: true, wallMs: () => clock.ms, served: () => {} },
    ...{ version, serverAddress: ':10443', otherPaths: [] },
  });
  const ask = (target: string, asked: Asked = {}) => api(requestFor(`/apis/metrics.k8s.io/${target}`, asked));
  return {
    ...{ snapshot, history, clock, timers, watches, refused, ask, reportNode, ...objects },
    /** Lets time pass and calls what is due. */
    async pass(ms: number) {
      clock.ms += ms;
      for (const timer of [...timers]) {
        if (timer.atMs > clock.ms || !timers.delete(timer)) continue;
        timer.callback();
      }
      await nextTurn();
    },
    /** Begins a watch that nobody reads yet. */
    open: (target: string, asked?: Asked) => new WatchReader(ask(target, asked)),
  };
}

/** Reads a watch as far as it goes at the moment. */
export class WatchReader {
  readonly #ending = new AbortController();
  readonly #pieces: AsyncIterator<Uint8Array | undefined>;
  #next: Promise<IteratorResult<Uint8Array | undefined>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the watch has come to its end. */
  ended = false;
  /** Sizes of the pieces so far. */
  readonly pieceBytes: number[] = [];

  constructor({ status, headers, body }: ReturnType<ReturnType<typeof createMetricsApi>>) {
    if (!isWatchBody(body)) throw new Error(`no watch but ${status}: ${String(body)}`);
    this.headers = headers;
    this.#pieces = body.watch(this.#ending.signal)[Symbol.asyncIterator]();
  }

  /** Takes one piece, if there is one. @throws what ends the watch */
  async piece(): Promise<Buffer | undefined> {
    this.#next ??= this.#pieces.next();
    const waiting = nextTurn().then(() => undefined);
    const result = await Promise.race([this.#next, waiting]);
    if (result === undefined) return undefined;
    this.#next = undefined;
    if (result.done === true) {
      this.ended = true;
      return undefined;
    }
    if (result.value === undefined) return this.piece();
    this.pieceBytes.push(result.value.length);
    return Buffer.from(result.value);
  }

  /** Takes all that there is. */
  async bytes(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let piece = await this.piece(); piece !== undefined; piece = await this.piece()) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async events(): Promise<ReadEvent[]> {
    const lines = (await this.bytes()).toString('utf8').split('\n');
    return lines.slice(0, -1).map((line) => JSON.parse(line));
  }

  /** Type and name of each event. */
  async told(): Promise<string[]> {
    return (await this.events()).map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`.trim());
  }

  /** As the server does it when it stops or when the client has gone. */
  end(): void {
    this.#ending.abort();
  }
}
