import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { load, loadAll } from 'js-yaml';
import { helmBinary } from '../kubectl/kubectl-binary.ts';

export const chartFolder = join(import.meta.dirname, '../../charts/tacho');

/** Another than kube-system, so that what belongs in one of the two cannot pass for the other. */
export const namespace = 'monitoring';

/** A rendered object, as far as the tests look at every one of them. */
export interface ChartObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export interface RenderedFile {
  /** Relative to the chart's folder of templates. */
  readonly path: string;
  readonly objects: readonly ChartObject[];
}

/** Runs Helm in a home of its own. @param values a values file for it @throws with what Helm printed when it fails */
export async function helm(args: readonly string[], values: object = {}, major: 3 | 4 = 4): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'tacho-helm-'));
  try {
    const file = join(home, 'values.json');
    await writeFile(file, JSON.stringify(values));
    // Without a kubeconfig no cluster of the user's can be asked.
    const options = { env: { HOME: home, KUBECONFIG: join(home, 'none') }, cwd: home };
    return (await promisify(execFile)(await helmBinary(major), [...args, '--values', file], options)).stdout;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** What `helm install` would send with the image's name and these further values, file by file. */
export async function render(values: object = {}): Promise<RenderedFile[]> {
  const where = ['template', 'tacho', chartFolder, '--namespace', namespace];
  const text = await helm([...where, '--set', 'image.repository=tacho'], values);
  return text
    .split(/^---$/m)
    .filter((part) => part.trim() !== '')
    .map((part) => ({
      path: /^# Source: tacho\/templates\/(\S+)$/m.exec(part)?.[1] ?? 'a part without a source',
      objects: loadAll(part) as ChartObject[],
    }));
}

/** The one object of this kind and name. @throws when there is none */
export function find(files: readonly RenderedFile[], kind: string, name: string): ChartObject {
  const object = files
    .flatMap(({ objects }) => objects)
    .find((candidate) => candidate.kind === kind && candidate.metadata.name === name);
  if (!object) throw new Error(`Cannot find ${kind} ${name} among the rendered objects`);
  return object;
}

export async function readValues(): Promise<unknown> {
  return load(await readFile(join(chartFolder, 'values.yaml'), 'utf8'));
}
