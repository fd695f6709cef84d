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

/** The same with labels, one series for each. @param values of labels are of a closed list */
export function gaugesOf(
  register: Registry,
  { name, help, labels }: Named & { readonly labels: readonly string[] },
  values: () => Iterable<readonly [labels: Readonly<Record<string, string>>, value: number]>,
): void {
  new Gauge({
    name,
    help,
    labelNames: [...labels],
    registers: [register],
    collect() {
      this.reset();
      for (const [its, value] of values()) this.set(its, value);
    },
  });
}

/** Counts that are kept elsewhere, one series for each. @param counts never fall; values of labels are of a closed list */
export function countersOf(
  register: Registry,
  { name, help, labels = [] }: Named & { readonly labels?: readonly string[] },
  counts: () => Iterable<readonly [labels: Readonly<Record<string, string>>, count: number]>,
): void {
  new Counter({
    name,
    help,
    labelNames: [...labels],
    registers: [register],
    collect() {
      this.reset();
      for (const [values, count] of counts()) this.inc(values, count);
    },
  });
}
