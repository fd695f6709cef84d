/** Who is let in: connections by the address that they come from. */
export interface Guest {
  readonly address: string;
}

/** How many are let in. Whoever is not an agent whose stream was accepted is a stranger. */
export interface AdmissionBounds {
  /** Connections in all. */
  readonly most: number;
  /** Strangers of one address: agents may share one. */
  readonly mostOfAddress: number;
  /** Strangers whose handshake has begun: what they cost in memory is bounded by this. */
  readonly mostBegun: number;
  /**
   * Of these, those that began a moment ago: as many as are quickly brought to an end. More at once would only make all
   * of them slower, until none ends in time.
   */
  readonly mostFresh: number;
}

/** Why a connection must give way. */
export type AdmissionRefusal = 'too many connections' | 'too many connections from one address';

/**
 * Which connections are let in, and whose handshake begins next. Agents that are known never give way to strangers, and
 * no address keeps the others out: handshakes begin one address after the other, and where there is no room, the
 * newest stranger of the address with the most of them gives way.
 */
export class Admission<Who extends Guest> {
  readonly #bounds: AdmissionBounds;
  readonly #strangers = new Map<string, Set<Who>>();
  /** Those whose handshake has not begun; addresses in the order of their turns. */
  readonly #waiting = new Map<string, Set<Who>>();
  readonly #begun = new Set<Who>();
  readonly #fresh = new Set<Who>();
  readonly #all = new Set<Who>();

  constructor(bounds: AdmissionBounds) {
    this.#bounds = bounds;
  }

  /** How many connections there are. */
  get size(): number {
    return this.#all.size;
  }

  /** Takes somebody new in. @returns who is to be closed for it, which may be the new one, and why */
  come(guest: Who): { readonly who: Who; readonly why: AdmissionRefusal } | undefined {
    const { most, mostOfAddress } = this.#bounds;
    const its = this.#strangers.get(guest.address)?.size ?? 0;
    if (its >= mostOfAddress) return { who: guest, why: 'too many connections from one address' };
    let yields: Who | undefined;
    if (this.#all.size >= most) {
      yields = this.#newestOfMost(its);
      if (yields === undefined) return { who: guest, why: 'too many connections' };
      this.leave(yields);
    }
    this.#all.add(guest);
    put(this.#strangers, guest);
    put(this.#waiting, guest);
    return yields && { who: yields, why: 'too many connections' };
  }

  /** Whose handshake may begin now. */
  next(): Who | undefined {
    const { mostBegun, mostFresh } = this.#bounds;
    if (this.#begun.size >= mostBegun || this.#fresh.size >= mostFresh) return undefined;
    for (const [address, guests] of this.#waiting) {
      const [guest] = guests;
      this.#waiting.delete(address);
      if (guest === undefined) continue;
      guests.delete(guest);
      // Behind the other addresses.
      if (guests.size > 0) this.#waiting.set(address, guests);
      this.#begun.add(guest);
      this.#fresh.add(guest);
      return guest;
    }
    return undefined;
  }

  /** It has had its moment, and others need not wait for it any more. */
  age(guest: Who): void {
    this.#fresh.delete(guest);
  }

  /** It is known whose agent it is. */
  know(guest: Who): void {
    this.#fresh.delete(guest);
    this.#begun.delete(guest);
    drop(this.#strangers, guest);
  }

  /** Its agent's last stream has ended. */
  forget(guest: Who): void {
    if (!this.#all.has(guest)) return;
    this.#begun.add(guest);
    put(this.#strangers, guest);
  }

  leave(guest: Who): void {
    this.#all.delete(guest);
    this.#fresh.delete(guest);
    this.#begun.delete(guest);
    drop(this.#strangers, guest);
    drop(this.#waiting, guest);
  }

  #newestOfMost(more: number): Who | undefined {
    let most: Set<Who> | undefined;
    for (const guests of this.#strangers.values()) {
      if (guests.size > (most?.size ?? more)) most = guests;
    }
    return most && [...most].at(-1);
  }
}

function put<Who extends Guest>(places: Map<string, Set<Who>>, guest: Who): void {
  const guests = places.get(guest.address) ?? new Set();
  guests.add(guest);
  places.set(guest.address, guests);
}

function drop<Who extends Guest>(places: Map<string, Set<Who>>, guest: Who): void {
  const guests = places.get(guest.address);
  if (guests?.delete(guest) && guests.size === 0) places.delete(guest.address);
}
