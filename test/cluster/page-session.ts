import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blocksRunBy, type CommandBlock, commandBlocks } from '../documents/command-blocks.ts';
import { repository, textOfPage } from '../documents/pages.ts';
import { shellSession } from '../documents/shell-session.ts';
import { splitImage } from './install.ts';
import type { Cluster } from './rig/cluster.ts';
import type { CommandResult } from './rig/command.ts';

/** A folder with the chart, and kubectl and helm in the PATH: where somebody types what a page says. */
export interface PageSession {
  readonly folder: string;
  /** @param own more names of the page with what they are here */
  run(commands: readonly string[], own?: Readonly<Record<string, string>>): Promise<CommandResult>;
  /** All of it on standard output. @throws with what was said when a command fails */
  type(commands: readonly string[], own?: Readonly<Record<string, string>>): Promise<string>;
  close(): void;
}

/** The blocks of a page that this file runs, in their order. @throws when there is none */
export function blocksOf(page: string, file: string): readonly CommandBlock[] {
  const blocks = blocksRunBy(file, commandBlocks(textOfPage(page)));
  if (blocks.length === 0) throw new Error(`${page} has no block that ${file} runs`);
  return blocks;
}

/** The commands below one heading of a page. @throws when this file runs none there */
export function commandsBelow(page: string, heading: string, file: string): readonly string[] {
  const blocks = blocksOf(page, file).filter((block) => block.heading === heading);
  if (blocks.length === 0) throw new Error(`${page} has no block below "${heading}" that ${file} runs`);
  return blocks.flatMap(({ commands }) => commands);
}

export function pageSession(cluster: Cluster): PageSession {
  const folder = mkdtempSync(join(tmpdir(), 'tacho-documented-'));
  symlinkSync(cluster.kubectlPath, join(folder, 'kubectl'));
  symlinkSync(cluster.helmPath, join(folder, 'helm'));
  symlinkSync(join(repository, 'charts'), join(folder, 'charts'));
  const [image, tag] = splitImage(cluster.tacho);
  const usual = { 'registry.example/tacho': image, '"$IMAGE"': image, '0.1.0': tag };
  const run: PageSession['run'] = (commands, own = {}) =>
    cluster.run(['bash', '-c', `cd ${folder}\n${shellSession(commands, { ...usual, ...own })}`], {
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
      timeoutMs: 280_000,
    });
  return {
    folder,
    run,
    async type(commands, own) {
      const { code, stdout, stderr } = await run(commands, own);
      if (code !== 0) throw new Error(`typing what the page says: exit code ${code}\n${stdout}\n${stderr}`);
      return stdout;
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}
