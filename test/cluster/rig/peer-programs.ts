import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildInto, type GoBuild, type Log, programFolder } from './go-build.ts';
import { findProgram } from './requirements.ts';

const execute = promisify(execFile);

const metricsServer = { path: 'sigs.k8s.io/metrics-server/cmd/metrics-server', version: 'v0.9.0' };
const autoscaler = {
  module: 'k8s.io/autoscaler/vertical-pod-autoscaler@v1.8.0',
  /** Of the module's files, as Go writes it into a go.sum. */
  sum: 'h1:KtmSwbbgNPjovaGxOLSdCNbGtF1MAds3iureUZ4TS1I=',
};
const small = '-ldflags=-s -w';

/** The recommender of the Vertical Pod Autoscaler, and what it asks of a cluster. */
export interface Recommender {
  readonly program: string;
  /** YAML of its two CustomResourceDefinitions. */
  readonly resourceDefinitions: string;
}

/**
 * Path of metrics-server, built once from its Go module; Go compares the module with its checksum database. The programs
 * of a cluster are in other folders and stay as they are.
 */
export async function metricsServerProgram(log: Log, signal: AbortSignal): Promise<string> {
  const { path, version } = metricsServer;
  const build = { what: `metrics-server ${version}`, args: ['install', small, `${path}@${version}`] };
  return join(await built(build, version, log, signal), 'metrics-server');
}

/** Likewise; built where its module lies, since `go install` refuses a go.mod with exclusions. */
export async function recommenderProgram(log: Log, signal: AbortSignal): Promise<Recommender> {
  const source = await downloadedModule(autoscaler.module, autoscaler.sum, signal);
  const build = {
    what: `the recommender of ${autoscaler.module}`,
    args: ['build', '-C', source, '-buildvcs=false', small, './pkg/recommender'],
    output: 'recommender',
  };
  return {
    program: join(await built(build, autoscaler.sum, log, signal), 'recommender'),
    resourceDefinitions: join(source, 'deploy', 'vpa-v1-crd-gen.yaml'),
  };
}

async function built(build: GoBuild, version: string, log: Log, signal: AbortSignal): Promise<string> {
  const go = goProgram();
  const { stdout } = await execute(go, ['env', 'GOVERSION', 'GOARCH', 'CGO_ENABLED', 'GOFLAGS'], { signal });
  const decides = JSON.stringify([build.what, version, stdout]);
  const folder = programFolder(createHash('sha256').update(decides).digest('hex').slice(0, 16));
  await buildInto(folder, go, [build], log, signal);
  return folder;
}

/** Folder of a module in Go's cache. @throws when it cannot be had, or is not the one of this sum */
async function downloadedModule(module: string, sum: string, signal: AbortSignal): Promise<string> {
  const failed = (found: string, cause?: unknown) =>
    new Error(
      `fetching the Go module ${module}: expected the one with sum ${sum}, found ${found}; GOPROXY says where Go looks`,
      { cause },
    );
  const { stdout } = await execute(goProgram(), ['mod', 'download', '-json', module], { signal }).catch(
    (cause: unknown) => {
      const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
      throw failed(`none: ${stderr.trim() || stdout.trim()}`, cause);
    },
  );
  const { Dir: folder, Sum: found } = JSON.parse(stdout) as { Dir: string; Sum: string };
  if (found !== sum) throw failed(found);
  return folder;
}

function goProgram(): string {
  const go = findProgram('go');
  if (go === undefined) throw new Error('looking for Go: expected it in PATH or /usr/local/go, found none');
  return go;
}
