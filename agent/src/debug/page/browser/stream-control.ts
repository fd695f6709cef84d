/** What is switched on and off. */
export interface Switchable {
  start(): void;
  stop(): void;
}

/** The document of a browser, as far as it says whether anybody sees it. */
export interface Tab {
  readonly hidden: boolean;
  addEventListener(type: 'visibilitychange', listener: () => void): void;
}

export interface StreamControlDeps {
  readonly stream: Switchable;
  readonly later: (run: () => void, ms: number) => number;
  readonly cancel: (timer: number) => void;
  /** Told when nothing is asked of the agent any more. */
  readonly onStopped: () => void;
  readonly onStarted: () => void;
}

/** A glance at another tab must not leave a hole in the plots. */
const hiddenMs = 60_000;

/**
 * Whether the stream is wanted: not while the person has paused it, and not in a tab that nobody has looked at for a minute,
 * since each event costs the node that is looked at.
 */
export class StreamControl {
  readonly #deps: StreamControlDeps;
  #isPaused = false;
  #isForgotten = false;
  #isRunning = false;
  #timer: number | undefined;

  constructor(deps: StreamControlDeps) {
    this.#deps = deps;
  }

  /** Starts, and goes by the tab from now on. One that is opened in the background has no event that says so. */
  follow(tab: Tab): void {
    tab.addEventListener('visibilitychange', () => this.setHidden(tab.hidden));
    this.setHidden(tab.hidden);
    this.apply();
  }

  /** Starts what is wanted, stops what is not. */
  apply(): void {
    const wanted = !this.#isPaused && !this.#isForgotten;
    if (wanted === this.#isRunning) return;
    this.#isRunning = wanted;
    if (wanted) {
      this.#deps.onStarted();
      this.#deps.stream.start();
    } else {
      this.#deps.stream.stop();
      this.#deps.onStopped();
    }
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.apply();
  }

  setHidden(isHidden: boolean): void {
    if (this.#timer !== undefined) this.#deps.cancel(this.#timer);
    this.#timer = undefined;
    if (isHidden) {
      this.#timer = this.#deps.later(() => {
        this.#isForgotten = true;
        this.apply();
      }, hiddenMs);
    } else {
      this.#isForgotten = false;
      this.apply();
    }
  }
}
