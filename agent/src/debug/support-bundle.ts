import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { DebugState, KernelFileState } from './debug-state.ts';
import type { MeasuredNode } from './kubelet/measured-values.ts';
import { metricsResource } from './kubelet/metrics-resource.ts';
import { statsSummary } from './kubelet/stats-summary.ts';
import { withoutSecrets } from './without-secrets.ts';

/** What goes into a bundle. */
export interface BundleParts {
  /** With its kernel files. */
  readonly state: DebugState;
  readonly measured: MeasuredNode;
  /** Recent lines of the log, oldest first. */
  readonly log: readonly string[];
  /** Of the agent, Node and the kernel. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Files of a bundle by their names; every text without secrets. */
export function bundleFiles({ state, measured, log, versions }: BundleParts): Map<string, string> {
  const { time, agentVersion, node } = state;
  const files = new Map([
    [
      'versions.json',
      json({ time, agentVersion, nodeName: node.name, cgroupMode: node.cgroupMode, ...versions }),
    ],
    ['state.json', json(withoutTexts(state))],
    ['stats-summary.json', json(statsSummary(measured))],
    ['metrics-resource.txt', metricsResource(measured)],
    ['log.jsonl', log.map((line) => `${line}\n`).join('')],
    ['kernel-files.txt', kernelFilesOf(state).map(kernelFileText).join('\n')],
  ]);
  return new Map([...files].map(([name, text]) => [name, withoutSecrets(text)]));
}

/** One .tar.gz with a folder of the bundle's name in it. @param into ended when all is written */
export async function writeBundle(
  name: string,
  parts: BundleParts,
  into: NodeJS.WritableStream,
): Promise<void> {
  const tar = pack();
  const mtime = new Date(parts.state.time);
  for (const [file, text] of bundleFiles(parts)) tar.entry({ name: `${name}/${file}`, mtime }, text);
  tar.finalize();
  await pipeline(tar, createGzip(), into);
}

/** `tacho-node-1-20260101T000005Z`: nothing in it that a file name or a header would not take. */
export function bundleName({ time, node }: DebugState): string {
  const at = time.replace(/[-:]|\.\d+/g, '');
  return `tacho-${node.name.replace(/[^\w.-]/g, '_')}-${at}`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** The texts have a file of their own. */
function withoutTexts(state: DebugState): unknown {
  return JSON.parse(JSON.stringify(state, (key, value) => (key === 'kernelFiles' ? undefined : value)));
}

function kernelFilesOf({ node, pods }: DebugState): readonly KernelFileState[] {
  const ofPods = pods.flatMap((pod) => [pod, ...pod.containers]);
  return [node, ...ofPods].flatMap(({ kernelFiles = [] }) => kernelFiles);
}

function kernelFileText({ path, readAt, readFor, text, problem }: KernelFileState): string {
  return `==> ${path} (${readAt}, for the ${readFor})\n${text ?? `${problem}\n`}`;
}
