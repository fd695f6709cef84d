import type { CounterPoint } from '../../counter-points.ts';
import type { KernelFileState } from '../../debug-state.ts';
import { bytesWords, countWords } from './number-words.ts';

/** What the cgroup uses, and what is taken off it, by version: names of files and keys as the kernel has them. */
const versions = [
  { usageFile: 'memory.current', inactiveKey: 'inactive_file' },
  { usageFile: 'memory.usage_in_bytes', inactiveKey: 'total_inactive_file' },
];

/** The working set as the subtraction that it is, or only its result where the texts are not those that it was made of. */
export function workingSetWords(
  counters: readonly CounterPoint[],
  kernelFiles: readonly KernelFileState[],
): string {
  const bytes = counters.at(-1)?.memoryWorkingSetBytes;
  if (bytes === undefined) return 'No value.';
  const result = `${countWords(bytes)} bytes (${bytesWords(bytes)})`;
  for (const { usageFile, inactiveKey } of versions) {
    const usage = Number.parseInt(textOf(kernelFiles, usageFile) ?? '', 10);
    const inactive = numberOf(textOf(kernelFiles, 'memory.stat') ?? '', inactiveKey);
    // The kernel counts the two at different moments, so the cache may seem to be larger than the whole.
    if (Math.max(0, usage - inactive) === bytes)
      return `${countWords(usage)} of ${usageFile} − ${countWords(inactive)} of ${inactiveKey} = ${result}`;
  }
  return `${result}: what the cgroup uses without its inactive file cache`;
}

function textOf(files: readonly KernelFileState[], name: string): string | undefined {
  return files.find(({ path }) => path.endsWith(`/${name}`))?.text;
}

/** A file without the key has none of it: the working set is then all that is used. */
function numberOf(text: string, key: string): number {
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${key} `))
      ?.slice(key.length + 1) ?? 0,
  );
}
