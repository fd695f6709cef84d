/** Shows a figure in the output of a run: what a bound alone would hide. */
export function measured(what: string): void {
  process.stdout.write(`measured: ${what}\n`);
}
