/**
 * Turns the .proto files into JSON descriptors (`gen/*.json`), so that bundles carry no .proto text and
 * nothing is parsed at start. `--check` writes nothing and fails when a descriptor is stale.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

const here = import.meta.dirname;
const descriptors: Readonly<Record<string, readonly string[]>> = {
  'ingest.json': ['tacho/v1/ingest.proto'],
  'k8s.json': ['k8s/meta-v1.proto', 'k8s/metrics.proto'],
  'openapi.json': ['openapi/v2.proto', 'openapi/v3.proto'],
};

const describe = (sources: readonly string[]): string => {
  const root = new protobuf.Root();
  for (const source of sources) {
    protobuf.parse(readFileSync(join(here, source), 'utf8'), root, { keepCase: false });
  }
  root.resolveAll();
  return `${JSON.stringify(root.toJSON(), null, 2)}\n`;
};

const readIfPresent = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const stale: string[] = [];
mkdirSync(join(here, 'gen'), { recursive: true });
for (const [name, sources] of Object.entries(descriptors)) {
  const path = join(here, 'gen', name);
  const text = describe(sources);
  if (readIfPresent(path) === text) continue;
  if (process.argv.includes('--check')) stale.push(name);
  else writeFileSync(path, text);
}
if (stale.length > 0) {
  process.stderr.write(`stale generated files in proto/gen: ${stale.join(', ')}. Mend: npm run generate\n`);
  process.exitCode = 1;
}
