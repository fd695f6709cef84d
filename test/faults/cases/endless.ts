import { startSite } from '../site/site.ts';

/** Does not end: inside.ts ends it, with all that it has started. */
export async function run(): Promise<void> {
  await using _ = await startSite();
  await new Promise(() => undefined);
}
