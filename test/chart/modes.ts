import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { chartFolder, helm, namespace } from './chart.ts';

const folder = join(chartFolder, 'ci');
const ending = '-values.yaml';

/** One way to install the chart, from a values file of its `ci` folder. */
export interface Mode {
  readonly name: string;
  /** Path of the values file. */
  readonly file: string;
  readonly values: object;
}

/** Every mode that the chart is tested in. @throws when a file there is none, or no values */
export async function readModes(): Promise<readonly Mode[]> {
  const files = (await readdir(folder)).sort();
  return await Promise.all(
    files.map(async (name) => {
      if (!name.endsWith(ending)) throw new Error(`${name}: expected a name that ends with ${ending}`);
      const file = join(folder, name);
      const values = load(await readFile(file, 'utf8'));
      if (typeof values !== 'object' || values === null)
        throw new Error(`${name}: expected values, found none`);
      return { name: name.slice(0, -ending.length), file, values };
    }),
  );
}

/** All that Helm would send in a mode, as text. */
export function renderMode({ file }: Mode, major: 3 | 4 = 4): Promise<string> {
  return helm(['template', 'tacho', chartFolder, '--namespace', namespace, '--values', file], {}, major);
}
