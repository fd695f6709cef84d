import type { CounterPoint } from '../../counter-points.ts';
import type { UsageState } from '../../debug-state.ts';

/** What a plot is made of; `null` where nothing is known. */
export interface UsageSeries {
  /** Seconds since 1970, ascending. */
  readonly times: number[];
  /** Millicores between a reading and the one before. */
  readonly between: (number | null)[];
  /** Millicores over the window, as reported. */
  readonly rated: (number | null)[];
  readonly memoryMib: (number | null)[];
}

interface Point {
  readonly atMs: number;
  readonly cpuUsec: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly ratedNanocores: number | undefined;
}

/** Ten minutes at a period of a second. */
const mostPoints = 600;
/** The agent places a reading on the wall clock anew for each event: the same one may move by a millisecond or two. */
const sameMs = 100;

/** Readings of everything that is on the page, for as long as the page is open; the agent keeps one minute. */
export class UsageHistory {
  #points = new Map<string, Point[]>();

  /**
   * Takes what an event brought. A whole state after a reconnection overlaps what is here, and a clock that was set back places
   * new readings before old ones: from the first new one on, what is here is replaced.
   */
  add(key: string, { counters, rate }: Pick<UsageState, 'counters' | 'rate'>): void {
    const fresh = counters.map((point, index) =>
      asPoint(point, index === counters.length - 1 ? rate?.cpuNanocores : undefined),
    );
    const firstMs = fresh[0]?.atMs;
    if (firstMs === undefined) return;
    const points = this.#points.get(key) ?? [];
    const ratings = new Map<number, number>();
    while ((points.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) > firstMs - sameMs) {
      const dropped = points.pop();
      if (dropped?.ratedNanocores !== undefined) ratings.set(dropped.atMs, dropped.ratedNanocores);
    }
    for (const point of fresh) points.push(withRating(point, ratings));
    points.splice(0, points.length - mostPoints);
    this.#points.set(key, points);
  }

  /** Forgets what is no longer there. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.#points.keys()) if (!keys.has(key)) this.#points.delete(key);
  }

  series(key: string): UsageSeries {
    const points = this.#points.get(key) ?? [];
    return {
      times: points.map(({ atMs }) => atMs / 1000),
      between: points.map((point, index) => millicoresBetween(points[index - 1], point)),
      rated: points.map(({ ratedNanocores }) => (ratedNanocores === undefined ? null : ratedNanocores / 1e6)),
      memoryMib: points.map(({ memoryBytes }) => (memoryBytes === undefined ? null : memoryBytes / 2 ** 20)),
    };
  }
}

function asPoint(point: CounterPoint, ratedNanocores: number | undefined): Point {
  return {
    atMs: Date.parse(point.at),
    cpuUsec: point.cpuUsageUsec,
    memoryBytes: point.memoryWorkingSetBytes,
    ratedNanocores,
  };
}

/** A rating is told once, with the newest reading; it is kept where the reading comes again. */
function withRating(point: Point, ratings: ReadonlyMap<number, number>): Point {
  if (point.ratedNanocores !== undefined || ratings.size === 0) return point;
  for (const [atMs, ratedNanocores] of ratings) {
    if (Math.abs(atMs - point.atMs) < sameMs) return { ...point, ratedNanocores };
  }
  return point;
}

/** Nothing for a counter that went back. */
function millicoresBetween(before: Point | undefined, after: Point): number | null {
  if (before?.cpuUsec === undefined || after.cpuUsec === undefined) return null;
  const usec = after.cpuUsec - before.cpuUsec;
  const overMs = after.atMs - before.atMs;
  return usec < 0 || overMs <= 0 ? null : usec / overMs;
}
