import type { Browser, Page } from 'playwright-core';
import { pageFiles } from '../../agent/src/debug/page/page-files.ts';
import type { PageFiles } from '../../agent/src/debug/page-file.ts';
import { BusyNode } from './fixture-busy-node.ts';
import { PageServer } from './page-server.ts';

/** A page in front of a made-up node. */
export interface OpenedPage extends AsyncDisposable {
  readonly page: Page;
  readonly server: PageServer;
  /** Errors of scripts, of the console and of files that could not be had. */
  readonly complaints: string[];
  /** One second of the node goes by, and the page has shown it. */
  tick(): Promise<void>;
}

export interface OpenOptions {
  readonly containers?: number;
  readonly hostile?: boolean;
  readonly theme?: 'light' | 'dark';
  /** By default the sources. */
  readonly files?: () => Promise<PageFiles>;
}

export const rowsOfTable = '.containers tbody tr';

/** Serves the page and opens it; done when the first state is shown. */
export async function openPage(browser: Browser, options: OpenOptions = {}): Promise<OpenedPage> {
  const { containers = 30, hostile = false, theme = 'light', files = pageFiles } = options;
  const server = new PageServer(new BusyNode(containers, { hostile }), files);
  await server.start();
  const context = await browser.newContext({
    viewport: { width: 1600, height: 1000 },
    colorScheme: theme,
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(server.url);
  await page.locator(rowsOfTable).first().waitFor();
  const updates = () => page.evaluate(() => performance.getEntriesByName('tacho-update').length);
  return {
    page,
    server,
    complaints,
    async tick() {
      const before = await updates();
      server.tick();
      await page.waitForFunction(
        (count) => performance.getEntriesByName('tacho-update').length > count,
        before,
        { polling: 20 },
      );
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      await server.stop();
    },
  };
}
