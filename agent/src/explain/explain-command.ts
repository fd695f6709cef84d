import { boolean, helpText, integer, parseCommandLine, problemsText } from '@tacho/command-line';
import type { DebugError, DebugState, PodDetail } from '../debug/debug-state.ts';
import { nodeText } from './node-text.ts';
import { podText } from './pod-text.ts';
import { printable } from './text-table.ts';

/** Where the words come from and go to. */
export interface ExplainDeps {
  /** After the word `explain`. */
  readonly args: readonly string[];
  readonly version: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const program = 'tacho-agent explain [NAMESPACE/POD]';
const inImage = 'kubectl exec AGENT-POD -- node /opt/tacho/agent.js explain';
const summary =
  'Asks the agent that runs on this machine, or in this container, what it knows: of the node, or of one pod for each container ' +
  'the way of its number from the kernel’s text to the replicas of the aggregator, and why something is not reported. ' +
  `In a cluster: ${inImage} [NAMESPACE/POD]`;
const flags = {
  'debug-port': integer({
    help: 'Port of the agent’s debug endpoint on 127.0.0.1.',
    min: 1,
    max: 65_535,
    default: 10_252,
  }),
  json: boolean({ help: 'Prints what the endpoint answers.', default: false }),
};
const podName = /^([^/]+)\/([^/]+)$/;
const patienceMs = 10_000;

/**
 * The command `explain`.
 * @returns the exit code: 0, 1 when there is no such pod or no agent answers, 2 for a command line that cannot be used
 */
export async function runExplain({ args, version, out, err }: ExplainDeps): Promise<number> {
  const names = args.filter((arg) => podName.test(arg) && !arg.startsWith('-'));
  const line = parseCommandLine(
    flags,
    args.filter((arg) => !names.includes(arg)),
    {},
  );
  if (line.kind === 'help') {
    out(helpText(program, summary, flags));
    return 0;
  }
  if (line.kind === 'version') {
    out(`tacho-agent ${version}\n`);
    return 0;
  }
  const many = names.length > 1 ? [`expected one NAMESPACE/POD, found ${names.length}`] : [];
  if (line.kind === 'problems' || many.length > 0) {
    err(problemsText('tacho-agent explain', [...many, ...(line.kind === 'problems' ? line.problems : [])]));
    return 2;
  }
  const [, namespace, pod] = podName.exec(names[0] ?? '') ?? [];
  const path =
    namespace === undefined || pod === undefined
      ? '/debug/state'
      : `/debug/pods/${encodeURIComponent(namespace)}/${encodeURIComponent(pod)}`;
  const url = `http://127.0.0.1:${line.values['debug-port']}${path}`;
  let answer: DebugState | PodDetail | DebugError;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
    answer = (await response.json()) as typeof answer;
    if (!isAgentsAnswer(answer)) throw new Error('what answers there is no agent');
  } catch (error) {
    err(`tacho-agent explain: no agent answers at ${url}: ${reasonOf(error)}\n${noAgent}`);
    return 1;
  }
  if (line.values.json) {
    out(`${JSON.stringify(answer, undefined, 2)}\n`);
    return 'error' in answer ? 1 : 0;
  }
  if ('error' in answer) {
    const mend = answer.mend === undefined ? '' : `  ${answer.mend}\n`;
    const code = answer.code === undefined ? '' : ` [${answer.code}]`;
    err(printable(`tacho-agent explain: ${answer.error}${code}\n${mend}`));
    return 1;
  }
  out(printable('unnamed' in answer ? nodeText(answer) : podText(answer)));
  return 0;
}

function isAgentsAnswer(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && ('error' in answer || 'agentVersion' in answer);
}

const noAgent =
  `It runs in the agent’s container: ${inImage}. ` +
  '--debug-port says which port the agent was given; with --debug-port=0 it has none.\n';

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
