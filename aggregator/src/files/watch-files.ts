import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

export interface WatchTimes {
  /** How often the files are looked at whether or not anything was seen to change. */
  readonly pollMs?: number;
  /** From a change to the look at it: several files are rarely written in one instant. */
  readonly settleMs?: number;
}

const usualPollMs = 60_000;
const usualSettleMs = 250;

/**
 * Calls back after each of these files may have changed, until the signal says stop. Their folders are watched, not they:
 * a mounted Secret changes by exchanging the link `..data` beside its files. What no event tells (a file that is a link
 * to elsewhere, a folder that is not there yet, a file system or a machine without events) is found by the poll.
 * @param changed may be called without a change; must not throw
 */
export function watchFiles(
  files: readonly string[],
  changed: () => void,
  { pollMs = usualPollMs, settleMs = usualSettleMs }: WatchTimes,
  signal: AbortSignal,
): void {
  if (signal.aborted) return;
  const folders = new Set(files.map((file) => dirname(file)));
  // A folder that goes away tells its own name.
  const names = new Set([...files, ...folders].map((path) => basename(path)));
  let watchers: FSWatcher[] = [];
  let settling: NodeJS.Timeout | undefined;

  const close = () => {
    for (const watcher of watchers) watcher.close();
    watchers = [];
  };
  const look = () => {
    // Anew each time: a folder that was replaced has another inode, and the old one tells nothing any more.
    close();
    watchers = [...folders].flatMap((folder) => watchFolder(folder, seen));
    changed();
  };
  const seen = (name: string | null) => {
    if (name !== null && !names.has(name) && !name.startsWith('..')) return;
    // Not put off by further events, so that a busy folder cannot put it off for ever.
    settling ??= setTimeout(() => {
      settling = undefined;
      look();
    }, settleMs);
  };

  watchers = [...folders].flatMap((folder) => watchFolder(folder, seen));
  const poll = setInterval(look, pollMs);
  signal.addEventListener(
    'abort',
    () => {
      close();
      clearInterval(poll);
      clearTimeout(settling);
    },
    { once: true },
  );
}

/** @returns none where the folder cannot be watched */
function watchFolder(folder: string, seen: (name: string | null) => void): FSWatcher[] {
  try {
    const watcher = watch(folder, (_event, name) => seen(name));
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}
