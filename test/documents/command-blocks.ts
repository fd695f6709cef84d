/** A comment line above a block: what runs its commands, or why nothing does. */
export type Marker =
  | { readonly kind: 'run'; readonly file: string; readonly fragments: readonly string[] }
  | { readonly kind: 'not run'; readonly fragments: readonly string[]; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly text: string };

/** A block of commands in a page of Markdown. */
export interface CommandBlock {
  /** Of the opening fence, from 1. */
  readonly line: number;
  /** The heading that it stands below, without its `#`. */
  readonly heading: string;
  /** Without comments; a command over several lines is one. */
  readonly commands: readonly string[];
  readonly markers: readonly Marker[];
}

/** Blocks of shell commands: those fenced as sh, bash, shell or console, of the last only what comes after a `$`. */
export function commandBlocks(markdown: string): readonly CommandBlock[] {
  const lines = markdown.split('\n');
  const blocks: CommandBlock[] = [];
  let heading = '';
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
    const fence = /^\s*```(\w*)/.exec(line);
    if (fence === null) continue;
    const end = lines.findIndex((each, index) => index > at && /^\s*```\s*$/.test(each));
    const body = lines.slice(at + 1, end === -1 ? lines.length : end);
    const commands = commandsOf(body, fence[1] ?? '');
    if (commands.length > 0)
      blocks.push({ line: at + 1, heading, commands, markers: markersAbove(lines, at) });
    if (end === -1) break;
    at = end;
  }
  return blocks;
}

/** Blocks without a language that show a prompt are a session of console too. */
function commandsOf(body: readonly string[], language: string): readonly string[] {
  const isShell = ['sh', 'bash', 'shell'].includes(language);
  if (!isShell && !['', 'console'].includes(language)) return [];
  const typed = isShell ? body : body.flatMap((line) => /^\$ (.*)$/.exec(line)?.[1] ?? []);
  return typed
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#(?:\s.*)?$/, '').trim())
    .filter((line) => line !== '');
}

function markersAbove(lines: readonly string[], fence: number): readonly Marker[] {
  if (!(lines[fence - 1] ?? '').trimEnd().endsWith('-->')) return [];
  let start = fence - 1;
  while (start > 0 && !(lines[start] ?? '').trimStart().startsWith('<!--')) start -= 1;
  return lines
    .slice(start, fence)
    .map((line) => line.replace('<!--', '').replace('-->', '').trim())
    .filter((line) => line !== '')
    .map(parseMarker);
}

const runBy = /^run by ([\w./-]+\w)(?:: (`[^`]+`(?:, `[^`]+`)*))?$/;
const notRun = /^not run(?: (`[^`]+`(?:, `[^`]+`)*))?: (\S.*)$/;

function parseMarker(text: string): Marker {
  const run = runBy.exec(text);
  if (run) return { kind: 'run', file: run[1] ?? '', fragments: fragmentsOf(run[2]) };
  const not = notRun.exec(text);
  if (not) return { kind: 'not run', fragments: fragmentsOf(not[1]), reason: not[2] ?? '' };
  return { kind: 'unreadable', text };
}

const fragmentsOf = (list = ''): readonly string[] =>
  [...list.matchAll(/`([^`]+)`/g)].map(([, fragment]) => fragment ?? '');

/** Words alone: `['rollout', 'restart']` of a test and `rollout restart` of a page are the same. */
export function words(text: string): string {
  return ` ${text
    .replaceAll(/\.\.\.|[\s'"`,[\]\\]+/g, ' ')
    .replaceAll(/ +/g, ' ')
    .trim()} `;
}

/**
 * What is wrong with a block, each as a sentence; nothing where every command of it has its test or its reason.
 * @param page path in the repository
 * @param textOf what a file says together with the files that it imports; undefined where there is none
 */
export function problemsOf(
  page: string,
  block: CommandBlock,
  textOf: (file: string) => string | undefined,
): readonly string[] {
  const problems = block.markers.flatMap((marker) => markerProblems(page, block, marker, textOf));
  const covered = (command: string) =>
    block.markers.some(
      (marker) =>
        marker.kind !== 'unreadable' &&
        (marker.fragments.length === 0 ||
          marker.fragments.some((each) => words(command).includes(words(each)))),
    );
  const bare = block.commands
    .filter((command) => !covered(command))
    .map((command) => `nothing is said of the test that runs \`${command}\`; put above the block ${example}`);
  return [...problems, ...bare].map((problem) => `${page}:${block.line}: ${problem}`);
}

const example = '<!-- run by test/…/x.test.ts: `words of the command` --> or <!-- not run: reason -->';

function markerProblems(
  page: string,
  block: CommandBlock,
  marker: Marker,
  textOf: (file: string) => string | undefined,
): readonly string[] {
  if (marker.kind === 'unreadable') return [`cannot read the marker "${marker.text}"; expected ${example}`];
  const strange = marker.fragments
    .filter((each) => !block.commands.some((command) => words(command).includes(words(each))))
    .map((each) => `the marker names \`${each}\`, which is in no command of the block`);
  if (marker.kind === 'not run') return strange;
  const text = textOf(marker.file);
  if (text === undefined) return [...strange, `there is no ${marker.file}`];
  // Without words the file itself reads the page and runs what stands there.
  if (marker.fragments.length === 0) {
    return text.includes(page)
      ? strange
      : [...strange, `${marker.file} does not read ${page}: name words of the command`];
  }
  const absent = marker.fragments.filter((each) => !words(text).includes(words(each)));
  return [...strange, ...absent.map((each) => `${marker.file} does not run \`${each}\``)];
}

/** The blocks that a file runs word for word, without the commands that another marker speaks of. */
export function blocksRunBy(file: string, blocks: readonly CommandBlock[]): readonly CommandBlock[] {
  return blocks.flatMap((block) => {
    const isWhole = (marker: Marker) =>
      marker.kind === 'run' && marker.file === file && marker.fragments.length === 0;
    if (!block.markers.some(isWhole)) return [];
    const elsewhere = block.markers.flatMap((marker) =>
      marker.kind === 'unreadable' ? [] : marker.fragments,
    );
    const commands = block.commands.filter(
      (command) => !elsewhere.some((each) => words(command).includes(words(each))),
    );
    return [{ ...block, commands }];
  });
}
