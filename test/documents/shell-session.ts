/** Longest wait for a command that is documented to come true "within a minute". */
const withinSeconds = 90;
const followedSeconds = 20;

/**
 * The commands of a block as a bash script that a person's shell would run likewise: what goes on until Ctrl-C goes on
 * beside the rest, `kubectl top` is tried until it answers, a followed log is looked at for a while.
 * @param replaced names in the page that stand for somebody's own, with what they are here
 */
export function shellSession(
  commands: readonly string[],
  replaced: Readonly<Record<string, string>> = {},
): string {
  const own = (command: string) =>
    Object.entries(replaced).reduce((text, [name, value]) => text.replaceAll(name, value), command);
  return [
    'set -e -o pipefail',
    "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT",
    'port_open() { for i in $(seq 100); do (: </dev/tcp/127.0.0.1/$1) 2>/dev/null && return; sleep 0.2; done; return 1; }',
    `soon() { for i in $(seq ${withinSeconds}); do "$@" && return; sleep 1; done; return 1; }`,
    ...commands.flatMap((command) => {
      const line = own(command);
      return [`echo ${quoted(`$ ${line}`)}`, ...asScript(line)];
    }),
  ].join('\n');
}

function asScript(line: string): readonly string[] {
  const port = /port-forward .* (?:\d+:)?(\d+)(?: &)?$/.exec(line)?.[1];
  if (port !== undefined) {
    const local = / (\d+):\d+(?: &)?$/.exec(line)?.[1] ?? port;
    return [`${line.replace(/ &$/, '')} &`, `port_open ${local}`];
  }
  if (/ -f \|/.test(line)) {
    return [`timeout ${followedSeconds} bash -c ${quoted(line)} || [ $? = 124 ]`];
  }
  return [line.startsWith('kubectl top') ? `soon ${line}` : line];
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
