import { once } from 'node:events';

/** Says what was found, in the unit of the name, and that it must lie in a range. */
export type Measured = (what: string, found: number, atMost: number, atLeast?: number) => void;

/** A case of the tier. */
export interface Case {
  run(measured: Measured): Promise<void>;
}

/**
 * The first process of namespaces that inside.ts has made: runs the case that its argument names, and ends. With it all
 * ends that it has started, and so it does when whoever started it is no more.
 */
process.on('disconnect', () => process.exit(1));
const { run } = (await import(process.argv[2] ?? '')) as Case;
const problems: string[] = [];
try {
  await run((what, found, atMost, atLeast = 0) => {
    const sentence = `${what}: ${Math.round(found)}, expected ${atLeast} to ${atMost}`;
    process.stdout.write(`${sentence}\n`);
    if (!(found >= atLeast && found <= atMost)) problems.push(sentence);
  });
} catch (error) {
  problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
if (!process.stderr.write(problems.join('\n'))) await once(process.stderr, 'drain');
process.exit(problems.length === 0 ? 0 : 1);
