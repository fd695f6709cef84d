import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { KubeApiError, type KubeClient, unquotedReason } from '../kube/kube-client.ts';
import { type KubeObject, Reflector, type ReflectorTarget } from '../kube/reflector.ts';
import { WriteDistance, type WriteOutcome } from './write-distance.ts';

/** What an object asks for: a write, a word in the log, both or neither. */
export interface Decision {
  readonly write?: { readonly verb: 'put' | 'patch'; readonly body: object };
  /** Without a write: what is wrong. With one: what was done by it. */
  readonly say?: string;
  readonly level?: 'info' | 'warn' | 'error';
  /** Without a write: when to ask again though nothing has happened. */
  readonly againMs?: number;
}

/** One object that is ours to keep right, though not to create. */
export interface ObjectRule<Kind extends KubeObject> {
  /** Path of its collection. */
  readonly collection: string;
  readonly name: string;
  /** Told at once of each state of the object; undefined: there is none. */
  observe?(object: Kind | undefined): void;
  /** Asked after each change, after poke() and once an hour. */
  decide(object: Kind | undefined): Decision | Promise<Decision>;
}

export interface KeptObjectDeps {
  readonly client: Pick<KubeClient, 'get' | 'watch' | 'put' | 'patch'>;
  readonly log: Logger;
  readonly monotonicMs: () => number;
}

/** Times that only tests shorten. */
export interface KeptObjectTimes {
  /** Between two decisions when nothing happens. */
  readonly recheckMs?: number;
  /** After the first try to write; later ones keep more, see WriteDistance. */
  readonly leastMs?: number;
}

const usualRecheckMs = 3_600_000;
const usualLeastMs = 1_000;
const usualLongestMs = 60_000;

/** Follows one object by its name and writes it when its rule says so. Whoever was first to write wins. */
export class KeptObject<Kind extends KubeObject> implements ReflectorTarget<Kind> {
  readonly #deps: KeptObjectDeps;
  readonly #rule: ObjectRule<Kind>;
  readonly #times: KeptObjectTimes;
  readonly #log: Logger;
  readonly #path: string;
  readonly #reflector: Reflector<Kind>;
  #object: Kind | undefined;
  #known = false;
  #said: string | undefined;
  #againMs: number | undefined;
  #turn = new AbortController();

  constructor(deps: KeptObjectDeps, rule: ObjectRule<Kind>, times: KeptObjectTimes = {}) {
    this.#deps = deps;
    this.#rule = rule;
    this.#times = times;
    this.#path = `${rule.collection}/${rule.name}`;
    this.#log = deps.log.child({ object: this.#path });
    this.#reflector = new Reflector<Kind>(
      { ...deps, target: this },
      // Rights that name one object reach a list or watch only if it asks for that name.
      { path: rule.collection, query: { fieldSelector: `metadata.name=${rule.name}` }, pageSize: 1 },
    );
  }

  /** Resolves once it is known whether the object exists, and what it is. */
  get synced(): Promise<void> {
    return this.#reflector.synced;
  }

  /** Has the rule decide anew. */
  poke(): void {
    this.#turn.abort();
  }

  replace(objects: readonly Kind[]): void {
    this.#set(objects[0]);
  }

  set(object: Kind): void {
    this.#set(object);
  }

  remove(): void {
    this.#set(undefined);
  }

  /** Follows and mends until the signal says stop. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#reflector.run(signal), this.#mend(signal)]);
  }

  #set(object: Kind | undefined): void {
    this.#object = object;
    this.#known = true;
    this.#rule.observe?.(object);
    this.poke();
  }

  async #mend(signal: AbortSignal): Promise<void> {
    const { recheckMs = usualRecheckMs, leastMs = usualLeastMs } = this.#times;
    const distance = new WriteDistance({ leastMs, longestMs: usualLongestMs });
    const pause = (ms: number, until: AbortSignal) =>
      sleep(ms, undefined, { signal: until }).catch(() => undefined);
    while (!signal.aborted) {
      this.#turn = new AbortController();
      const turn = AbortSignal.any([signal, this.#turn.signal]);
      const outcome = await this.#step(signal);
      if (outcome === 'nothing') await pause(Math.min(recheckMs, this.#againMs ?? recheckMs), turn);
      else await pause(distance.after(outcome, this.#deps.monotonicMs()), signal);
    }
  }

  async #step(signal: AbortSignal): Promise<'nothing' | WriteOutcome> {
    if (!this.#known) return 'nothing';
    try {
      const { write, say, level = 'warn', againMs } = await this.#rule.decide(this.#object);
      this.#againMs = againMs;
      if (write === undefined) {
        if (say !== undefined) this.#sayOnce(level, say);
        else this.#said = undefined;
        return 'nothing';
      }
      // The answer is not looked at: the watch tells the same in an order that cannot be wrong.
      await this.#deps.client[write.verb](this.#path, write.body, signal);
      this.#said = undefined;
      if (say !== undefined) this.#log[level](say);
    } catch (error) {
      if (signal.aborted) return 'nothing';
      if (error instanceof KubeApiError && error.status === 409) {
        this.#log.debug('somebody else has changed it meanwhile');
        return 'conflict';
      }
      this.#sayOnce('error', `cannot write it, trying again: ${unquotedReason(error)}`);
    }
    return 'tried';
  }

  #sayOnce(level: 'info' | 'warn' | 'error', sentence: string): void {
    if (this.#said !== sentence) this.#log[level](sentence);
    this.#said = sentence;
  }
}
