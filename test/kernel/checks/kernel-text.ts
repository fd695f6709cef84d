import { readFileSync } from 'node:fs';

/** The checks' own way to read the same files: whole texts, strings and big integers. */
export function readKernelText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The number in the first line `key number`; undefined without such a line. */
export function numberOfKey(text: string | undefined, key: string): number | undefined {
  const [, digits] = new RegExp(`^${key}:? +(\\d+)(?: kB)?$`, 'm').exec(text ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Cumulative CPU time in nanoseconds from cpu.stat or cpuacct.usage. */
export function cpuNanosecondsOf(text: string): bigint {
  const [, usec] = /^usage_usec (\d+)$/m.exec(text) ?? [];
  return usec === undefined ? BigInt(text.trim()) : BigInt(usec) * 1000n;
}

/**
 * Repeats a reading until the texts before and after it are the same: what was read between them must agree with them.
 * Memory is never still for long, but nearly always for these microseconds.
 */
export function readBetweenEqualTexts(
  paths: readonly string[],
  read: () => void,
): readonly (string | undefined)[] {
  for (let attempt = 0; attempt < 5000; attempt += 1) {
    const before = paths.map(readKernelText);
    read();
    const after = paths.map(readKernelText);
    if (before.every((text, index) => text === after[index])) return before;
  }
  throw new Error(
    `Cannot compare with ${paths.join(', ')}: expected them to stand still once, they never did`,
  );
}
