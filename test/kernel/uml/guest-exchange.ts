import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the guest sees the exchange folder; its files are cached like those of a disk, unlike the guest's /tmp. */
export const EXCHANGE_IN_GUEST = '/run/exchange';

export interface GuestCommand {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly timeoutSeconds: number;
}

/** A folder of the host's that carries the command into the guest, where a kernel command line would be too short. */
export interface GuestExchange {
  readonly folder: string;
  /** What the command ended with; undefined when the guest stopped before that. */
  readExitCode(): number | undefined;
  remove(): void;
}

export function createGuestExchange(guest: GuestCommand): GuestExchange {
  const folder = mkdtempSync(join(tmpdir(), 'tacho-uml-'));
  mkdirSync(join(folder, 'tmp'));
  writeFileSync(join(folder, 'settings'), settingsScript(guest));
  writeFileSync(join(folder, 'command'), commandScript(guest));
  return {
    folder,
    readExitCode() {
      try {
        return Number.parseInt(readFileSync(join(folder, 'exit-code'), 'latin1'), 10);
      } catch {
        return undefined;
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function settingsScript({ workingDirectory, timeoutSeconds }: GuestCommand): string {
  return `WORKING_DIRECTORY=${quote(workingDirectory)}\nTIMEOUT_SECONDS=${Math.ceil(timeoutSeconds)}\n`;
}

export function commandScript({ command, env }: GuestCommand): string {
  const exports = Object.entries({ TMPDIR: `${EXCHANGE_IN_GUEST}/tmp`, ...env }).map(
    ([name, value]) => `export ${name}=${quote(value)}\n`,
  );
  return `${exports.join('')}exec ${command.map(quote).join(' ')}\n`;
}

/** One word for sh, whatever is in it. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
