import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFolder } from './node-files.ts';
import { waitWhileMissing } from './wait-while-missing.ts';

const importedWithinMs = 180_000;

/** Archives that every node of a cluster imports: node.sh looks for new ones each second, and notes what it has. */
export interface NodeImages {
  /** Where `writeBaseImages` puts its own. */
  readonly folder: string;
  /** Hands an archive out; named after its content, so that the same one is imported once. */
  add(file: string): Promise<string>;
  /** Resolves when all of these nodes have it. */
  imported(archive: string, nodes: readonly string[], signal: AbortSignal): Promise<void>;
}

export function createNodeImages(folder: string): NodeImages {
  const images = join(folder, 'images');
  mkdirSync(images, { recursive: true });
  return {
    folder: images,
    async add(file) {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(file)) hash.update(chunk);
      const name = `${hash.digest('hex').slice(0, 16)}.tar`;
      const unfinished = join(images, randomUUID());
      await copyFile(file, unfinished);
      await rename(unfinished, join(images, name));
      return name;
    },
    async imported(archive, nodes, signal) {
      const notes = (node: string) => join(nodeFolder(folder, node), 'out', 'imported', archive);
      const missing = () => {
        for (const node of nodes) {
          const failure = `${notes(node)}.failed`;
          if (existsSync(failure))
            throw new Error(`importing ${archive} on ${node}: ${readFileSync(failure, 'utf8').trim()}`);
        }
        const without = nodes.filter((node) => !existsSync(notes(node)));
        return without.length === 0 ? undefined : `missing on ${without.join(', ')}`;
      };
      await waitWhileMissing(`image ${archive} on every node`, missing, {
        atMostMs: importedWithinMs,
        signal,
      });
    },
  };
}
