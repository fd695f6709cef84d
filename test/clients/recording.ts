import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubectlResult } from '../kubectl/kubectl.ts';
import type { KubectlVersion } from '../kubectl/kubectl-binary.ts';

/** One command of kubectl and what came out of it, in the form in which outcomes are compared. */
export interface RecordedCommand {
  /** As a person would type it, without `kubectl`. */
  readonly command: string;
  readonly code: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

type Row = RecordedCommand & { readonly sinceMinor: number };

const folder = join(import.meta.dirname, 'recordings');

/**
 * What a version of kubectl printed in front of metrics-server: what kubectl 1.36 printed, but for commands that the version does
 * not know and for those in its own file `only-<version>.txt`.
 */
export function recordedCommands(version: KubectlVersion): RecordedCommand[] {
  const [, minor] = version.split('.').map(Number);
  const rowsOf = (name: string) => parseRecording(readFileSync(join(folder, name), 'utf8'));
  const files = readdirSync(folder).sort();
  const own = new Map(
    files
      .filter((name) => name === `only-${version}.txt`)
      .flatMap(rowsOf)
      .map((row) => [row.command, row]),
  );
  return files
    .filter((name) => !name.startsWith('only-'))
    .flatMap(rowsOf)
    .filter(({ sinceMinor }) => sinceMinor <= (minor ?? 0))
    .map((row) => {
      const { sinceMinor: _, ...recorded } = own.get(row.command) ?? row;
      return recorded;
    });
}

/**
 * Reads rows: `$ top nodes`, `@ 1.34` for the first kubectl that knows the command, two spaces before each line of standard
 * output, `! ` before one of standard error, `= 1` for an exit code that is not 0.
 * @throws for a line of no such form
 */
export function parseRecording(text: string): Row[] {
  const rows: { command: string; code: number; stdout: string[]; stderr: string[]; sinceMinor: number }[] =
    [];
  for (const line of text.split('\n')) {
    const [sign, rest] = [line.slice(0, 2), line.slice(2)];
    const last = rows.at(-1);
    if (sign === '$ ') rows.push({ command: rest, code: 0, stdout: [], stderr: [], sinceMinor: 0 });
    else if (line === '') continue;
    else if (last !== undefined && sign === '  ') last.stdout.push(rest);
    else if (last !== undefined && sign === '! ') last.stderr.push(rest);
    else if (last !== undefined && sign === '= ') last.code = Number(rest);
    else if (last !== undefined && sign === '@ ') last.sinceMinor = Number(rest.split('.')[1]);
    else throw new Error(`Cannot read a recording: expected $, @, two spaces, ! or = before "${line}"`);
  }
  return rows;
}

/** A row that parseRecording() reads. */
export function formatRow({ command, code, stdout, stderr }: RecordedCommand): string {
  const exit = code === 0 ? [] : [`= ${code}`];
  const printed = [...stdout.map((line) => `  ${line}`), ...stderr.map((line) => `! ${line}`)];
  return [`$ ${command}`, ...printed, ...exit, ''].join('\n');
}

/** Environment of the recorded commands: an editor that changes a pod's label, as a person would. */
export const editor = { KUBE_EDITOR: '/bin/sed -i s/app:.*/app:\\ changed/' };

/** The words of a command; single quotes keep spaces. */
export function wordsOf(command: string): string[] {
  return (command.match(/(?:'[^']*'|[^\s'])+/g) ?? []).map((word) => word.replaceAll("'", ''));
}

/**
 * What is compared of an outcome: all but instants, the version of the group, the widths of columns, and the prose of
 * `kubectl explain`, which each server writes itself.
 */
export function comparable(command: string, { code, stdout, stderr }: KubectlResult): RecordedCommand {
  const lines = (text: string) => text.split('\n').map(comparableLine).filter(Boolean);
  const printed = lines(stdout);
  return {
    command,
    code,
    stdout: command.startsWith('explain ') ? printed.filter(isStructure) : printed,
    stderr: lines(stderr),
  };
}

function comparableLine(line: string): string {
  return line
    .trimEnd()
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replaceAll(/\bmetrics\.k8s\.io\/v1(?:beta1)?\b/g, 'metrics.k8s.io/VERSION')
    .replace(/^(?<kind>VERSION:\s+)v1(?:beta1)?$/, '$<kind>VERSION')
    .replace(/\/\S*kubectl-edit-\w+/, 'FILE')
    .replaceAll(/(?<=\S)(?:\s{2,}|\t\s*)/g, '  ');
}

/** Kind, version, and fields with their types. */
function isStructure(line: string): boolean {
  return (
    /^(?:GROUP|KIND|VERSION|FIELDS?|RESOURCE):/.test(line) ||
    /^\s*\w+ {2}<[^<>]*>(?: -required-)?$/.test(line)
  );
}
