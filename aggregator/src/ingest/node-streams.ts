/** A stream whose node is known, and whose agent's pod its token names. */
export interface NodeStream {
  readonly node: string;
  readonly podUid: string | undefined;
}

/**
 * Which stream of a node is heard: one at a time, the newest, and one more that has not reported yet. Where an agent is
 * being replaced by another pod on its node, both are connected for a while: then the newer pod wins, in whatever order
 * they come, and not before it has something to say.
 */
export class NodeStreams<Stream extends NodeStream> {
  readonly #isOutdatedBy: (podUid: string | undefined, otherUid: string | undefined) => boolean;
  readonly #heard = new Map<string, Stream>();
  readonly #waiting = new Map<string, Stream>();

  /** @param isOutdatedBy whether the first of two agents' pods must give way to the second */
  constructor(isOutdatedBy: (podUid: string | undefined, otherUid: string | undefined) => boolean) {
    this.#isOutdatedBy = isOutdatedBy;
  }

  /** Every stream that has come and neither left nor been superseded. */
  all(): readonly Stream[] {
    return [...this.#heard.values(), ...this.#waiting.values()];
  }

  /** Takes a new stream in. @returns the stream to end, which may be the new one itself */
  come(stream: Stream): Stream | undefined {
    const { node } = stream;
    const [heard, waiting] = [this.#heard.get(node), this.#waiting.get(node)];
    if (heard === undefined) {
      this.#heard.set(node, stream);
      return undefined;
    }
    if ([heard, waiting].some((other) => other !== undefined && this.#mustYield(stream, other)))
      return stream;
    this.#waiting.set(node, stream);
    return waiting;
  }

  /**
   * Whether a report of this stream counts; its first one makes it the one that is heard.
   * @returns also the stream to end because of it, which may be itself
   */
  report(stream: Stream): { readonly heard: boolean; readonly end?: Stream } {
    const { node } = stream;
    const before = this.#heard.get(node);
    if (before === stream) return { heard: true };
    if (before === undefined || this.#waiting.get(node) !== stream) return { heard: false };
    this.#waiting.delete(node);
    // Judged again: the watch may have told of a pod only now.
    if (this.#mustYield(stream, before)) return { heard: false, end: stream };
    this.#heard.set(node, stream);
    return { heard: true, end: before };
  }

  /** Whether it has come and neither left nor been superseded. */
  has(stream: Stream): boolean {
    return this.#heard.get(stream.node) === stream || this.#waiting.get(stream.node) === stream;
  }

  /** Forgets a stream that has ended; one that waited for it is heard from now on. */
  leave(stream: Stream): void {
    const { node } = stream;
    const waiting = this.#waiting.get(node);
    if (waiting === stream) this.#waiting.delete(node);
    if (this.#heard.get(node) !== stream) return;
    this.#heard.delete(node);
    if (waiting === undefined) return;
    this.#waiting.delete(node);
    this.#heard.set(node, waiting);
  }

  /** Forgets all. @returns what there was */
  clear(): readonly Stream[] {
    const all = this.all();
    this.#heard.clear();
    this.#waiting.clear();
    return all;
  }

  #mustYield(stream: Stream, other: Stream): boolean {
    return stream.podUid !== other.podUid && this.#isOutdatedBy(stream.podUid, other.podUid);
  }
}
