import type { WireReader } from '@tacho/proto';
import { type CheckedContainer, type CheckedUsage, isContainerName } from './checked-report.ts';
import { nameIn } from './report-names.ts';

/** Numbers of fields, as proto/tacho/v1/ingest.proto has them, with their wire types. */
const tags = {
  container: { name: 0x0a, usage: 0x12, fields: 2 },
  usage: { cpu: 0x08, memory: 0x10, swap: 0x18, window: 0x20, fields: 4 },
} as const;

/** Below zero: a count that is not there. One beyond 2^53 is NaN, and no comparison with it is true. */
export const absent = -1;

/** The messages Usage and ContainerUsage. The usage that was read last is here: an object of it is made only where it is kept. */
export class UsageReading {
  readonly #wire: WireReader;
  #cpuNanocores = absent;
  #memoryWorkingSetBytes = absent;
  #swapBytes = absent;
  #windowUsec = absent;

  constructor(wire: WireReader) {
    this.#wire = wire;
  }

  container(before: string | undefined): CheckedContainer | undefined {
    const wire = this.#wire;
    let name: string | undefined;
    this.#cpuNanocores = absent;
    const outer = wire.enter();
    while (wire.position < wire.end) {
      const tag = wire.tag();
      if (tag === tags.container.name) name = nameIn(wire, before, isContainerName);
      else if (tag === tags.container.usage) this.read();
      else wire.skip(tag, tags.container.fields);
    }
    wire.leave(outer);
    if (name === undefined || !this.#isUsage()) return undefined;
    return {
      name,
      cpuNanocores: this.#cpuNanocores,
      memoryWorkingSetBytes: this.#memoryWorkingSetBytes,
      swapBytes: this.#swapBytes === absent ? undefined : this.#swapBytes,
      windowUsec: this.#windowUsec,
    };
  }

  read(): void {
    const wire = this.#wire;
    this.#cpuNanocores = absent;
    this.#memoryWorkingSetBytes = absent;
    this.#swapBytes = absent;
    this.#windowUsec = absent;
    const outer = wire.enter();
    while (wire.position < wire.end) {
      const tag = wire.tag();
      if (tag === tags.usage.cpu) this.#cpuNanocores = wire.count();
      else if (tag === tags.usage.memory) this.#memoryWorkingSetBytes = wire.count();
      else if (tag === tags.usage.swap) this.#swapBytes = wire.count();
      else if (tag === tags.usage.window) this.#windowUsec = wire.count();
      else wire.skip(tag, tags.usage.fields);
    }
    wire.leave(outer);
  }

  #isUsage(): boolean {
    return (
      this.#cpuNanocores >= 0 &&
      this.#memoryWorkingSetBytes >= 0 &&
      this.#windowUsec > 0 &&
      this.#swapBytes >= absent
    );
  }

  copy(): CheckedUsage | undefined {
    if (!this.#isUsage()) return undefined;
    return {
      cpuNanocores: this.#cpuNanocores,
      memoryWorkingSetBytes: this.#memoryWorkingSetBytes,
      swapBytes: this.#swapBytes === absent ? undefined : this.#swapBytes,
      windowUsec: this.#windowUsec,
    };
  }
}
