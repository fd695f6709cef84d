import { Counter, Gauge, type Registry } from 'prom-client';

interface Named {
  readonly name: string;
  readonly help: string;
}

/** A gauge whose value is asked for when somebody looks: nothing has to keep it up to date. */
export function gaugeOf(register: Registry, { name, help }: Named, value: () => number): void {
  new Gauge({
    name,
    help,
    registers: [register],
    collect() {
      this.set(value());
    },
  });
}

/** Counts that are kept elsewhere, one series for each key. @param counts never fall; keys are of a closed list, '' without a label */
export function countersOf(
  register: Registry,
  { name, help, label }: Named & { readonly label?: string },
  counts: () => Iterable<readonly [string, number]>,
): void {
  new Counter({
    name,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [register],
    collect() {
      this.reset();
      for (const [key, count] of counts()) this.inc(label === undefined ? {} : { [label]: key }, count);
    },
  });
}
