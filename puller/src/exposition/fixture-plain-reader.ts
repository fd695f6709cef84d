import { ContainerReading, Reading } from './reading.ts';
import type { At, Failure, ResourceReadings } from './resource-reader.ts';

/**
 * The same once more in the plainest way, on the whole text at once: lines split, everything by regular expressions and
 * Number().
 */
export function plainReadings(body: Buffer): ResourceReadings | At<Failure> {
  const lines = body.toString('latin1').split('\n');
  const rest = lines.pop() ?? '';
  const node = new Reading();
  const containers: ContainerReading[] = [];
  const flaws: ResourceReadings['flawed'][] = [];
  let series = 0;
  for (const [index, text] of lines.entries()) {
    const line = index + 1;
    if (text.length > 8_192) return { what: 'line too long', line };
    const found =
      /^[ \t]*(?<of>node|container)_(?<kind>cpu_usage_seconds_total|memory_working_set_bytes|swap_usage_bytes|start_time_seconds)(?<rest>[ \t{].*|)$/s.exec(
        text,
      )?.groups;
    if (found === undefined || (found['of'] === 'node' && found['kind'] === 'start_time_seconds')) continue;
    series += 1;
    const { labels, sample = '' } =
      /^[ \t]*(?:\{(?<labels>(?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?(?<sample>.*)$/s.exec(found['rest'] ?? '')
        ?.groups ?? {};
    if (labels === undefined && /^[ \t]*\{/.test(found['rest'] ?? '')) return { what: 'labels', line };
    let reading: Reading = node;
    if (found['of'] === 'container') {
      const owner = ownerIn(Buffer.from(labels ?? '', 'latin1').toString('utf8'));
      if (owner === undefined) return { what: 'labels', line };
      const same = containers.find(
        (each) =>
          each.namespace === owner.namespace && each.pod === owner.pod && each.container === owner.container,
      );
      const own = same ?? new ContainerReading(owner);
      if (same === undefined) containers.push(own);
      reading = own;
    }
    const [value = '', at, ...more] = sample.split(/[ \t]+/).filter((word) => word !== '');
    const kind = ({ c: 'cpu', m: 'memory', s: 'start' } as const)[
      (found['kind'] ?? '')[0] as 'c' | 'm' | 's'
    ];
    const what = reading.take(
      found['kind'] === 'swap_usage_bytes' ? 'swap' : kind,
      numberIn(value),
      at === undefined ? undefined : more.length > 0 ? Number.NaN : timestampIn(at),
    );
    if (what !== undefined) flaws.push({ what, line });
  }
  if (rest.length > 8_192) return { what: 'line too long', line: lines.length + 1 };
  if (rest !== '') return { what: 'cut off', line: lines.length + 1 };
  if (series === 0) return { what: 'no series', line: lines.length };
  return { node, containers, flawed: flaws[0], flaws: flaws.length };
}

const pair = String.raw`[ \t]*([a-zA-Z_]\w*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\[n"\\])*)"[ \t]*`;
const pairs = new RegExp(`^(?:${pair}(?:,${pair})*,?)?$`);

function ownerIn(text: string) {
  if (!pairs.test(text)) return undefined;
  const all = [...text.matchAll(new RegExp(pair, 'g'))].map(([, name = '', value = '']): [string, string] => [
    name,
    value.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped)),
  ]);
  const labels = new Map(all);
  if (labels.size < all.length) return undefined;
  const of = (name: string) => labels.get(name) ?? '';
  const owner = { namespace: of('namespace'), pod: of('pod'), container: of('container') };
  return Object.values(owner).every((name) => /^[!-~]{1,253}$/.test(name)) ? owner : undefined;
}

function numberIn(text: string): number {
  const isNumber = text.length <= 64 && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text);
  const value = isNumber ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}

function timestampIn(text: string): number {
  return /^[+-]?\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : Number.NaN;
}
